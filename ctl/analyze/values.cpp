// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/values.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace xdpgate {
namespace {

using Intervals = std::vector<Interval<U128>>;

// The first interval that ends at `number` or behind it. Small sets meet sets
// of a million, so nobody walks the larger one.
Intervals::const_iterator first_reaching(const Numbers& set, U128 number) {
  const auto& all = set.intervals();
  return std::ranges::partition_point(
      all, [&](const Interval<U128>& i) { return i.hi < number; });
}

Numbers intersected(const Numbers& a, const Numbers& b) {
  const bool swap = a.size() > b.size();
  const Numbers& small = swap ? b : a;
  const Numbers& large = swap ? a : b;
  Intervals result;
  for (const auto& [lo, hi] : small.intervals()) {
    for (auto i = first_reaching(large, lo);
         i != large.intervals().end() && i->lo <= hi; ++i) {
      result.push_back({std::max(lo, i->lo), std::min(hi, i->hi)});
    }
  }
  return Numbers(std::move(result));
}

Numbers without(const Numbers& a, const Numbers& b) {
  Intervals rest;
  for (auto [lo, hi] : a.intervals()) {
    bool left = true;
    for (auto i = first_reaching(b, lo);
         i != b.intervals().end() && i->lo <= hi; ++i) {
      if (i->lo > lo) rest.push_back({lo, i->lo - 1});
      left = i->hi < hi;
      if (!left) break;
      lo = i->hi + 1;
    }
    if (left) rest.push_back({lo, hi});
  }
  return Numbers(std::move(rest));
}

bool meet(const Numbers& a, const Numbers& b) {
  const bool swap = a.size() > b.size();
  const Numbers& large = swap ? a : b;
  return std::ranges::any_of(
      (swap ? b : a).intervals(),
      [&](const Interval<U128>& i) { return large.intersects(i.lo, i.hi); });
}

bool covers(const Numbers& a, const Numbers& b) {
  return std::ranges::all_of(b.intervals(), [&](const Interval<U128>& i) {
    return a.covers(i.lo, i.hi);
  });
}

// Steps for an operation on two sets of numbers.
std::uint64_t cost(const Values& a, const Values& b) {
  const std::size_t size = std::min(a.numbers.size(), b.numbers.size());
  return 1 + size / 4;
}

}  // namespace

Values numbers(U128 lo, U128 hi) { return {Numbers::range(lo, hi), {}}; }

Values numbers(const NumberSet& set) {
  Intervals intervals;
  intervals.reserve(set.size());
  for (const auto& [lo, hi] : set.intervals()) intervals.push_back({lo, hi});
  return {Numbers(std::move(intervals)), {}};
}

Values intersected(const Values& a, const Values& b, Budget& budget) {
  budget.spend(cost(a, b));
  return {intersected(a.numbers, b.numbers),
          intersected(a.cubes, b.cubes, budget)};
}

Values without(const Values& a, const Values& b, Budget& budget) {
  budget.spend(1 + a.numbers.size() / 4);
  return {without(a.numbers, b.numbers), without(a.cubes, b.cubes, budget)};
}

bool meet(const Values& a, const Values& b, Budget& budget) {
  budget.spend(cost(a, b));
  return meet(a.numbers, b.numbers) || meet(a.cubes, b.cubes, budget);
}

bool covers(const Values& a, const Values& b, Budget& budget) {
  budget.spend(1 + b.numbers.size() / 4);
  return covers(a.numbers, b.numbers) &&
         without(b.cubes, a.cubes, budget).empty();
}

}  // namespace xdpgate
