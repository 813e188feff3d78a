// SPDX-License-Identifier: GPL-2.0-only
// Looks through boxes for places that two policies judge differently.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "analyze/cover.h"
#include "analyze/rule_index.h"
#include "policy/policy.h"

namespace xdpgate {

/// A policy as the search sees it.
struct SearchSide {
  const RuleIndex* index = nullptr;
  std::vector<std::uint32_t> numbers;  ///< of its rules, see Alignment
  std::vector<int> effects;            ///< of its rules; equal: the same
  int default_effect = 0;
  int malformed_effect = 0;  ///< where rules do not see such packets
  bool rules_see_malformed = false;
};

/// Who decides; none: no rule does.
struct Deciders {
  std::optional<std::uint32_t> old_rule, new_rule;
  friend auto operator<=>(const Deciders&, const Deciders&) = default;
};

class DiffSearch {
 public:
  /// Whether to go on behind a box, all of which the two decide with different
  /// effects.
  using Visit =
      std::function<bool(const FieldBox& box, const Deciders& deciders)>;

  DiffSearch(const SearchSide& old_side, const SearchSide& new_side,
             Budget& budget, Visit visit)
      : old_(old_side),
        new_(new_side),
        budget_(budget),
        visit_(std::move(visit)) {}

  /// Visits the differences in `box`; those of deciders in `known` are passed
  /// over. False: the search was ended, by `visit` or by the budget.
  bool search(const FieldBox& box);
  /// Whether places were too deep between others to be looked at.
  [[nodiscard]] bool cut() const { return cut_; }
  /// Deciders that need not be visited any more.
  void add_known(const Deciders& deciders) { known_.push_back(deciders); }

 private:
  /// What decides in a box: rules in order, of which only the last may cover
  /// it; behind one that does not, the default.
  struct List {
    RuleBoxes rules;
    std::uint32_t open = 0;  ///< fields that the first leaves out; 0: none
    bool covered = false;    ///< by the last
    [[nodiscard]] bool settled() const { return rules.empty() || open == 0; }
  };

  bool look(FieldBox box, const RuleBoxes& old_rules,
            const RuleBoxes& new_rules, int depth);
  bool split(FieldBox box, const RuleBox& by, std::uint32_t fields,
             const RuleBoxes& old_rules, const RuleBoxes& new_rules, int depth);
  [[nodiscard]] List list_for(const FieldBox& box, const RuleBoxes& rules);
  [[nodiscard]] RuleBoxes rules_in(const SearchSide& side, const FieldBox& box);
  [[nodiscard]] bool nothing_new(const FieldBox& box, const List& old_list,
                                 const List& new_list) const;
  [[nodiscard]] bool same_rules(const List& a, const List& b) const;
  [[nodiscard]] bool one_effect(const FieldBox& box, const List& a,
                                const List& b) const;
  [[nodiscard]] bool all_known(const List& a, const List& b) const;
  [[nodiscard]] bool is_known(const Deciders& deciders) const;
  [[nodiscard]] int default_of(const SearchSide& side,
                               const FieldBox& box) const;

  const SearchSide& old_;
  const SearchSide& new_;
  Budget& budget_;
  Visit visit_;
  ValueStore store_;
  std::vector<Deciders> known_;
  bool cut_ = false;
};

}  // namespace xdpgate
