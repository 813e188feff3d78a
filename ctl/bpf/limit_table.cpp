// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/limit_table.h"

#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "compile/texts.h"

namespace xdpgate {
namespace {

// The limits of an image by the names of their rules.
using ByName = std::unordered_map<std::string_view, const xg_effect*>;

ByName limits_of(const ImageView& image, const ImageTexts& texts) {
  ByName limits;
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    const xg_effect* effect = image.rule_effect(i);
    if (!effect || effect->limit_cost == 0) continue;
    limits.emplace(texts.rule_name(i), effect);
  }
  return limits;
}

bool same_limit(const xg_effect& a, const xg_effect& b) {
  return a.limit_cost == b.limit_cost && a.limit_depth == b.limit_depth &&
         a.limit_mask == b.limit_mask && a.limit_per == b.limit_per &&
         a.limit_bytes == b.limit_bytes &&
         a.limit_ipv4_bits == b.limit_ipv4_bits &&
         a.limit_ipv6_bits == b.limit_ipv6_bits;
}

std::span<xg_limit_bucket> part_of(const LimitTable& table,
                                   const xg_effect& limit) {
  return table.buckets().subspan(limit.limit_first, limit.limit_mask + 1u);
}

// A limit that two generations have in the same words: its buckets in both.
struct Parts {
  std::span<xg_limit_bucket> from, to;
  std::uint64_t depth = 0;  // of one, full
};

Result<std::vector<Parts>> common_parts(const GenerationLimits& from,
                                        const GenerationLimits& to) {
  std::vector<Parts> result;
  if (from.table.buckets().empty() || to.table.buckets().empty()) return result;
  const auto from_texts = ImageTexts::of(from.image);
  if (!from_texts) return std::unexpected(from_texts.error());
  const auto to_texts = ImageTexts::of(to.image);
  if (!to_texts) return std::unexpected(to_texts.error());
  const ByName known = limits_of(from.image, *from_texts);
  for (const auto& [name, limit] : limits_of(to.image, *to_texts)) {
    const auto found = known.find(name);
    if (found == known.end() || !same_limit(*found->second, *limit)) continue;
    result.push_back({part_of(from.table, *found->second),
                      part_of(to.table, *limit), limit->limit_depth});
  }
  return result;
}

// The way of `bucket` for `tag`, taken if need be; null where it has none left.
__u64* way_of(xg_limit_bucket& bucket, __u64 tag) {
  for (int way = 0; way < XG_LIMIT_WAYS; ++way) {
    if (std::atomic_ref(bucket.tag[way]).load() == tag) {
      return &bucket.full[way];
    }
  }
  for (int way = 0; way < XG_LIMIT_WAYS; ++way) {
    __u64 nobody = 0;
    if (std::atomic_ref(bucket.tag[way]).compare_exchange_strong(nobody, tag)) {
      return &bucket.full[way];
    }
  }
  return nullptr;
}

// What is owed until `full`; times wrap. What is further off than a full bucket
// was written long ago.
__u64 debt(__u64 full, __u64 now, __u64 depth) {
  const __u64 ahead = full - now;
  return ahead > depth ? 0 : ahead;
}

void raise(const Parts& parts, __u64 now) {
  for (std::size_t i = 0; i < parts.from.size(); ++i) {
    const xg_limit_bucket& from = parts.from[i];
    for (int way = 0; way < XG_LIMIT_WAYS; ++way) {
      const __u64 owed = debt(from.full[way], now, parts.depth);
      if (from.tag[way] == 0 || owed == 0) continue;
      __u64* full = way_of(parts.to[i], from.tag[way]);
      if (!full) continue;
      std::atomic_ref word(*full);
      __u64 there = word.load();
      while (debt(there, now, parts.depth) < owed &&
             !word.compare_exchange_weak(there, now + owed)) {
      }
    }
  }
}

}  // namespace

Result<LimitTable> LimitTable::open(int fd, std::uint32_t buckets) {
  LimitTable table;
  if (buckets == 0) return table;
  table.mapping_ = Mapping::of(fd, buckets * sizeof(xg_limit_bucket),
                               PROT_READ | PROT_WRITE);
  if (table.mapping_) return table;
  return failure(system_error("map", "the state of limits", errno));
}

std::span<xg_limit_bucket> LimitTable::buckets() const {
  return {reinterpret_cast<xg_limit_bucket*>(mapping_.data()),
          mapping_ ? mapping_.size() / sizeof(xg_limit_bucket) : 0};
}

void LimitTable::forget() {
  if (mapping_) std::ranges::fill(buckets().subspan(1), xg_limit_bucket{});
}

Result<void> LimitTable::put_secret(const LimitTable* old) {
  if (!mapping_) return {};
  __u64& secret = buckets()[0].tag[0];
  if (old && old->mapping_) {
    secret = old->buckets()[0].tag[0];
    return {};
  }
  if (::getrandom(&secret, sizeof(secret), 0) == sizeof(secret)) return {};
  return failure(system_error("get", "a random number", errno));
}

Result<void> carry_limits(const GenerationLimits& old,
                          const GenerationLimits& next) {
  const auto parts = common_parts(old, next);
  if (!parts) return std::unexpected(parts.error());
  for (const Parts& both : *parts) {
    std::ranges::copy(both.from, both.to.begin());
  }
  return {};
}

Result<void> raise_limits(const GenerationLimits& from,
                          const GenerationLimits& to) {
  const auto parts = common_parts(from, to);
  if (!parts) return std::unexpected(parts.error());
  const __u64 now = boottime_ns() * XG_LIMIT_UNITS;
  for (const Parts& both : *parts) raise(both, now);
  return {};
}

}  // namespace xdpgate
