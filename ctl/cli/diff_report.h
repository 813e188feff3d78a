// SPDX-License-Identifier: GPL-2.0-only
// What two policies judge differently, in words and as JSON; for `diff` and
// `apply`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/diff.h"
#include "cli/json.h"
#include "policy/policy.h"

namespace xdpgate {

/// Frames of captures, by the difference that they belong to.
struct DiffTraffic {
  std::vector<xg_counter> of;  ///< as many as there are differences
  xg_counter elsewhere{};      ///< changed, and of none of them
  xg_counter all{};            ///< changed or not
};

/// Differences that are shown where nobody asks for all.
inline constexpr std::size_t kShownDifferences = 20;

/// The first `most` differences, a paragraph each, and how many more there
/// are; empty where there are none. `traffic` may be null.
[[nodiscard]] std::string diff_text(const DiffReport& report,
                                    const Policy& old_policy,
                                    const Policy& new_policy,
                                    const DiffTraffic* traffic = nullptr,
                                    std::size_t most = kShownDifferences);
/// An array; with `traffic`, each with "packets" and "bytes".
[[nodiscard]] Json diff_json(const DiffReport& report, const Policy& old_policy,
                             const Policy& new_policy,
                             const DiffTraffic* traffic = nullptr);
/// On standard error, where the search did not get to its end within
/// `seconds`.
void note_incomplete(const DiffReport& report, double seconds);
/// On standard error, where only one of the policies is a bridge, or they are
/// different ones: no verdict shows that.
void note_bridge(const Policy& old_policy, const Policy& new_policy);

}  // namespace xdpgate
