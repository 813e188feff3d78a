// SPDX-License-Identifier: GPL-2.0-only
#include "compile/effect_table.h"

#include <set>
#include <string_view>
#include <utility>

namespace xdpgate {
namespace {

// Structs of abi.h have no padding: equal ones are equal byte for byte.
std::string bytes_of(const xg_effect& effect) {
  return {reinterpret_cast<const char*>(&effect), sizeof(effect)};
}

}  // namespace

std::vector<std::string> devices_of(const Policy& policy) {
  std::vector<std::string> devices;
  std::set<std::string_view> known;
  for (const Rule& rule : policy.rules) {
    if (rule.action != Action::kRedirect) continue;
    if (known.insert(rule.redirect).second) devices.push_back(rule.redirect);
  }
  return devices;
}

EffectTable::EffectTable(const Policy& policy) {
  std::uint32_t slot = 0;
  for (std::string& device : devices_of(policy)) {
    devices_.emplace(std::move(device), slot++);
  }
}

std::uint32_t EffectTable::number(const Rule& rule) {
  xg_effect effect{};
  effect.log_every = rule.log_every.value_or(0);
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
