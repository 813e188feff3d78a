// SPDX-License-Identifier: GPL-2.0-only
// Which rules have time series of their own, and what the others share: a
// policy of 100,000 rules must not make 100,000 series. docs/operations.md has
// the choice in a user's words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bpf/instance.h"

namespace xdpgate {

/// What one series says: of one rule, or of all that share one.
struct RuleSeries {
  std::string rule;  ///< kOtherRules for those that share it
  xg_counter all{};
  std::optional<xg_counter> within = {}, over = {};  ///< where there is a limit
};

/// No rule can be called this.
inline constexpr const char* kOtherRules = "(other)";

/// Chooses the rules of one instance, look by look. The `most` rules that have
/// counted most packets have a series each; one that has it loses it only to a
/// rule with more than twice its packets, so that a place in the list changes
/// hands 64 times at most, ever. What the other rules count while they have no
/// series goes into a shared one, which starts at 0 with this object; so no
/// series ever falls while its rules stay, and no packet is in two of them.
class RuleSeriesChoice {
 public:
  explicit RuleSeriesChoice(std::size_t most) : most_(most) {}

  /// The series of this look, in policy order, the shared one last.
  [[nodiscard]] std::vector<RuleSeries> next(
      const std::vector<RuleStats>& rules);

 private:
  // A rule as it was at the last look.
  struct Seen {
    xg_counter all{}, within{}, over{};
    bool own = false;
  };
  using SeenByName = std::unordered_map<std::string, Seen>;

  [[nodiscard]] std::vector<bool> choose(
      const std::vector<RuleStats>& rules) const;
  [[nodiscard]] static Seen look_at(const RuleStats& rule, const Seen* before,
                                    bool own);
  void share(const Seen* before, const Seen& now, bool has_limit);

  std::size_t most_;
  bool first_ = true;
  SeenByName seen_;
  RuleSeries shared_{kOtherRules};
};

}  // namespace xdpgate
