// SPDX-License-Identifier: GPL-2.0-only
// Sets of unsigned numbers as sorted, disjoint, non-adjacent closed intervals.
// Ports, VLAN ids, TTLs, addresses: every list of the policy language becomes
// one of these.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace xdpgate {

/// Closed interval [lo, hi]; lo <= hi.
template <class T>
struct Interval {
  T lo;
  T hi;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// A set of T in normal form: intervals in rising order that neither overlap
/// nor touch. T is an unsigned integer (up to unsigned __int128).
template <class T>
class IntervalSet {
 public:
  IntervalSet() = default;
  /// The union of `intervals`, given in any order, overlapping or not.
  explicit IntervalSet(std::vector<Interval<T>> intervals)
      : intervals_(std::move(intervals)) {
    normalise();
  }
  static IntervalSet of(T value) { return range(value, value); }
  static IntervalSet range(T lo, T hi) {
    IntervalSet set;
    set.intervals_.push_back({lo, hi});
    return set;
  }

  [[nodiscard]] bool empty() const { return intervals_.empty(); }
  [[nodiscard]] std::size_t size() const { return intervals_.size(); }
  [[nodiscard]] const std::vector<Interval<T>>& intervals() const {
    return intervals_;
  }
  [[nodiscard]] bool contains(T value) const {
    auto after = std::upper_bound(
        intervals_.begin(), intervals_.end(), value,
        [](T v, const Interval<T>& i) { return v < i.lo; });
    return after != intervals_.begin() && value <= std::prev(after)->hi;
  }
  /// Whether any number of [lo, hi] is in the set.
  [[nodiscard]] bool intersects(T lo, T hi) const {
    auto after = std::upper_bound(
        intervals_.begin(), intervals_.end(), hi,
        [](T v, const Interval<T>& i) { return v < i.lo; });
    return after != intervals_.begin() && lo <= std::prev(after)->hi;
  }
  /// Whether every number of [lo, hi] is in the set.
  [[nodiscard]] bool covers(T lo, T hi) const {
    auto after = std::upper_bound(
        intervals_.begin(), intervals_.end(), lo,
        [](T v, const Interval<T>& i) { return v < i.lo; });
    return after != intervals_.begin() && hi <= std::prev(after)->hi;
  }
  /// All of 0..max that is not in the set. Members above max are ignored.
  [[nodiscard]] IntervalSet complement(T max) const {
    IntervalSet result;
    T next = 0;
    for (const auto& [lo, hi] : intervals_) {
      if (lo > max) break;
      if (lo > next) result.intervals_.push_back({next, lo - 1});
      if (hi >= max) return result;
      next = hi + 1;
    }
    result.intervals_.push_back({next, max});
    return result;
  }
  /// The union of this set and `other`.
  [[nodiscard]] IntervalSet united(const IntervalSet& other) const {
    auto all = intervals_;
    all.insert(all.end(), other.intervals_.begin(), other.intervals_.end());
    return IntervalSet(std::move(all));
  }
  /// What is in both sets.
  [[nodiscard]] IntervalSet intersected(const IntervalSet& other) const {
    IntervalSet result;
    auto a = intervals_.begin();
    auto b = other.intervals_.begin();
    while (a != intervals_.end() && b != other.intervals_.end()) {
      T lo = std::max(a->lo, b->lo);
      T hi = std::min(a->hi, b->hi);
      if (lo <= hi) result.intervals_.push_back({lo, hi});
      if (a->hi < b->hi) {
        ++a;
      } else {
        ++b;
      }
    }
    return result;
  }
  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

 private:
  void normalise() {
    std::sort(intervals_.begin(), intervals_.end(),
              [](const auto& a, const auto& b) { return a.lo < b.lo; });
    std::size_t kept = 0;
    for (const auto& next : intervals_) {
      if (kept > 0 && (next.lo <= intervals_[kept - 1].hi ||
                       next.lo - 1 == intervals_[kept - 1].hi)) {
        intervals_[kept - 1].hi = std::max(intervals_[kept - 1].hi, next.hi);
      } else {
        intervals_[kept++] = next;
      }
    }
    intervals_.resize(kept);
  }

  std::vector<Interval<T>> intervals_;
};

}  // namespace xdpgate
