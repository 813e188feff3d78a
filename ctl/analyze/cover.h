// SPDX-License-Identifier: GPL-2.0-only
// Is a box covered by the union of others? Exact, by taking them off one after
// the other.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "analyze/box.h"

namespace xdpgate {

/// A box of a rule, by its number.
struct RuleBox {
  FieldBox box;
  std::uint32_t rule = 0;
};
using RuleBoxes = std::vector<const RuleBox*>;

enum class Covered : std::uint8_t {
  kYes,
  kNo,
  kUnknown,  ///< the budget ended, or what is left had no packet that it
             ///< accepts
};

class CoverSearch {
 public:
  /// Whether to take a box, all of which is left over, for an answer; one that
  /// has no packet after all is passed over.
  using Accept = std::function<bool(const FieldBox& rest)>;

  CoverSearch(Budget& budget, Accept accept)
      : budget_(budget), accept_(std::move(accept)) {}

  /// Whether `covers`, all of the kind of `box`, cover it together.
  [[nodiscard]] Covered covered(const FieldBox& box, const RuleBoxes& covers);
  /// The rules that did, of all calls that said kYes: enough of them to cover
  /// it, not always as few as can be.
  [[nodiscard]] const std::set<std::uint32_t>& used() const { return used_; }

 private:
  [[nodiscard]] Covered search(FieldBox box, const RuleBoxes& covers,
                               int depth);
  [[nodiscard]] Covered split(FieldBox box, const RuleBox& by,
                              std::uint32_t fields, const RuleBoxes& covers,
                              int depth);
  [[nodiscard]] RuleBoxes meeting(const FieldBox& box, const RuleBoxes& all);

  Budget& budget_;
  Accept accept_;
  ValueStore store_;
  std::set<std::uint32_t> used_;
};

}  // namespace xdpgate
