// SPDX-License-Identifier: GPL-2.0-only
// Which rules of two policies are the same, and stand in the same order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace xdpgate {

/// Numbers for the rules of two policies. A rule of one and a rule of the
/// other have the same number where they ask for the same and do the same,
/// and where the rules with equal numbers stand in the same order in both; no
/// others have equal numbers. Names do not count, nor how things are written.
struct Alignment {
  std::vector<std::uint32_t> old_rules, new_rules;
  std::uint32_t common = 0;  ///< numbers below it are in both

  [[nodiscard]] bool is_common(std::uint32_t number) const {
    return number < common;
  }
};

/// Finds a long list of common rules, in n log n steps.
[[nodiscard]] Alignment align(const Policy& old_policy,
                              const Policy& new_policy);

/// What `rule` does with a packet, "action: drop": equal texts, equal fates.
[[nodiscard]] std::string effect_text(const Rule& rule, const Policy& policy);

}  // namespace xdpgate
