// SPDX-License-Identifier: GPL-2.0-only
// What one field of a packet may be: a set of numbers, or of byte strings.
#pragma once

#include "analyze/budget.h"
#include "analyze/cubes.h"
#include "base/interval_set.h"
#include "policy/policy.h"

namespace xdpgate {

using Numbers = IntervalSet<U128>;

/// One of the two is in use, the same for all values of a field.
struct Values {
  Numbers numbers;
  CubeSet cubes;

  [[nodiscard]] bool empty() const { return numbers.empty() && cubes.empty(); }
  friend bool operator==(const Values&, const Values&) = default;
};

[[nodiscard]] Values numbers(U128 lo, U128 hi);
[[nodiscard]] Values numbers(const NumberSet& set);

/// Once `budget` is over, what these say is worthless.
[[nodiscard]] Values intersected(const Values& a, const Values& b,
                                 Budget& budget);
[[nodiscard]] Values without(const Values& a, const Values& b, Budget& budget);
[[nodiscard]] bool meet(const Values& a, const Values& b, Budget& budget);
/// Whether all of `b` is in `a`.
[[nodiscard]] bool covers(const Values& a, const Values& b, Budget& budget);

/// The interval that `values` are, as most are; null where they are more.
[[nodiscard]] inline const Interval<U128>* one_interval(const Values& values) {
  const auto& all = values.numbers.intervals();
  return all.size() == 1 ? all.data() : nullptr;
}

}  // namespace xdpgate
