// SPDX-License-Identifier: GPL-2.0-only
#include "compile/effect_table.h"

#include <algorithm>
#include <bit>
#include <set>
#include <string_view>
#include <utility>

#include "policy/limit.h"

namespace xdpgate {
namespace {

static_assert(static_cast<int>(LimitPer::kSrc) == XG_PER_SRC);
static_assert(static_cast<int>(LimitPer::kDst) == XG_PER_DST);

// Structs of abi.h have no padding: equal ones are equal byte for byte.
std::string bytes_of(const xg_effect& effect) {
  return {reinterpret_cast<const char*>(&effect), sizeof(effect)};
}

}  // namespace

std::vector<std::string> devices_of(const Policy& policy) {
  std::vector<std::string> devices = policy.bridge;
  std::set<std::string_view> known(devices.begin(), devices.end());
  for (const Rule& rule : policy.rules) {
    if (rule.action != Action::kRedirect) continue;
    if (known.insert(rule.redirect).second) devices.push_back(rule.redirect);
  }
  return devices;
}

std::uint32_t action_code(Action action) {
  switch (action) {
    case Action::kPass:
      return XG_PASS;
    case Action::kDrop:
      return XG_DROP;
    case Action::kCount:
      return XG_COUNT;
    case Action::kReject:
      return XG_REJECT;
    case Action::kRedirect:
      return XG_REDIRECT;
  }
  return XG_DROP;
}

EffectTable::EffectTable(const Policy& policy) : policy_(policy) {
  std::uint32_t slot = 0;
  for (std::string& device : devices_of(policy)) {
    devices_.emplace(std::move(device), slot++);
  }
}

// A limit has buckets and a counter of its own: no two rules share its record.
void EffectTable::add_limit(const Limit& limit, xg_effect& effect) {
  const std::uint32_t buckets =
      limit.per == LimitPer::kRule ? 1 : std::bit_ceil(limit.keys);
  features_ |= XG_HAS_LIMITS;
  limit_buckets_ = std::max(limit_buckets_, 1u);
  effect.limit_cost = limit_cost(limit);
  effect.limit_depth = limit_depth(limit);
  effect.limit_first = limit_buckets_;
  effect.limit_mask = buckets - 1;
  effect.limit_slot = XG_SLOT_RULE +
                      static_cast<std::uint32_t>(policy_.rules.size()) +
                      limit_count_;
  effect.limit_per = static_cast<std::uint8_t>(limit.per);
  effect.limit_bytes = limit.bytes;
  effect.limit_ipv4_bits = limit.ipv4_bits;
  effect.limit_ipv6_bits = limit.ipv6_bits;
  effect.limit_over = action_code(limit.over);
  limit_buckets_ += buckets;
  ++limit_count_;
}

std::uint32_t EffectTable::number(const Rule& rule) {
  xg_effect effect{};
  effect.log_every = rule.log_every.value_or(0);
  if (rule.limit) add_limit(*rule.limit, effect);
  if (rule.ban) {
    features_ |= XG_HAS_BANS;
    effect.ban_set = policy_.address_sets[rule.ban->set].dynamic->number + 1;
    effect.ban_ns = rule.ban->for_ns;
  }
  const bool redirects = rule.action == Action::kRedirect;
  if (redirects) effect.redirect = devices_.at(rule.redirect);
  if (!redirects && bytes_of(effect) == bytes_of({})) return 0;
  if (records_.empty()) records_.resize(1);
  const auto next = static_cast<std::uint32_t>(records_.size());
  const auto [at, fresh] = numbers_.emplace(bytes_of(effect), next);
  if (fresh) records_.push_back(effect);
  return at->second;
}

}  // namespace xdpgate
