// SPDX-License-Identifier: GPL-2.0-only
// What the rules of a policy do beside their actions: the section of effect
// records (abi.h, struct xg_effect).
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace xdpgate {

/// The interfaces that packets of `policy` leave by, each once; the place of
/// each is its slot in the map `devices`.
[[nodiscard]] std::vector<std::string> devices_of(const Policy& policy);

/// enum xg_verdict or XG_COUNT.
[[nodiscard]] std::uint32_t action_code(Action action);

/// Collects effect records: rules that do the same share one.
class EffectTable {
 public:
  explicit EffectTable(const Policy& policy);

  /// The number of the rule's record, 0 where its action is all it does.
  [[nodiscard]] std::uint32_t number(const Rule& rule);
  /// Buckets of all limits so far, with the first, which is no limit's; 0:
  /// there are no limits.
  [[nodiscard]] std::uint32_t limit_buckets() const { return limit_buckets_; }
  [[nodiscard]] std::uint32_t limit_count() const { return limit_count_; }
  /// XG_HAS_LIMITS and XG_HAS_BANS as far as rules so far need them.
  [[nodiscard]] std::uint32_t features() const { return features_; }
  /// Empty where no rule has one, else with record 0, which is no rule's.
  [[nodiscard]] const std::vector<xg_effect>& records() const {
    return records_;
  }

 private:
  void add_limit(const Limit& limit, xg_effect& effect);

  const Policy& policy_;
  std::uint32_t limit_count_ = 0, limit_buckets_ = 0, features_ = 0;
  std::map<std::string, std::uint32_t> devices_;  // to their slots
  std::map<std::string, std::uint32_t> numbers_;  // of records, by their bytes
  std::vector<xg_effect> records_;
};

}  // namespace xdpgate
