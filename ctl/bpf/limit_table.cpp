// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/limit_table.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <unordered_map>
#include <utility>

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
  if (old.table.buckets().empty() || next.table.buckets().empty()) return {};
  const auto old_texts = ImageTexts::of(old.image);
  if (!old_texts) return std::unexpected(old_texts.error());
  const auto next_texts = ImageTexts::of(next.image);
  if (!next_texts) return std::unexpected(next_texts.error());
  const ByName before = limits_of(old.image, *old_texts);
  for (const auto& [name, limit] : limits_of(next.image, *next_texts)) {
    const auto found = before.find(name);
    if (found == before.end() || !same_limit(*found->second, *limit)) continue;
    std::ranges::copy(part_of(old.table, *found->second),
                      part_of(next.table, *limit).begin());
  }
  return {};
}

}  // namespace xdpgate
