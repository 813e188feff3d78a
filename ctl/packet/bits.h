// SPDX-License-Identifier: GPL-2.0-only
// Numbers of which some bits are settled, and how to draw one from a set: the
// arithmetic below the packet sampler.
#pragma once

#include <cstdint>
#include <optional>

#include "base/dice.h"
#include "base/interval_set.h"
#include "policy/policy.h"

namespace xdpgate {

/// Demands number & mask == value; value has no bits outside mask.
template <class T>
struct Bits {
  T mask = 0;
  T value = 0;

  [[nodiscard]] bool agree(T number) const { return (number & mask) == value; }
  /// `number` with the settled bits put in.
  [[nodiscard]] T forced(T number) const { return (number & ~mask) | value; }
  /// The demand on the part `count` bits wide, `shift` bits from the right.
  [[nodiscard]] Bits part(unsigned shift, unsigned count) const {
    const T low = (T{1} << count) - 1;
    return {static_cast<T>(mask >> shift & low),
            static_cast<T>(value >> shift & low)};
  }
};

/// The smallest number from `from` to `max` that agrees; T is unsigned.
template <class T>
std::optional<T> next_agreeing(T from, Bits<T> bits, T max) {
  constexpr unsigned kWidth = sizeof(T) * 8;
  if (from > max) return std::nullopt;
  T number = bits.forced(from);
  unsigned top = kWidth;  // from here up, both are the same
  while (top > 0 && ((number ^ from) >> (top - 1) & 1) == 0) --top;
  if (top == 0) return number;
  // Where the highest difference makes the number larger, free bits below it
  // may be 0; else the lowest free 0 above it must become 1.
  if (number < from) {
    while (top < kWidth &&
           ((bits.mask >> top & 1) != 0 || (from >> top & 1) != 0)) {
      ++top;
    }
    if (top == kWidth) return std::nullopt;
    number |= T{1} << top;
  } else {
    --top;
  }
  const T below = (T{1} << top) - 1;
  number = (number & ~below) | (bits.value & below);
  return number <= max ? std::optional(number) : std::nullopt;
}

/// All bits at random.
template <class T>
T random_bits(Dice& dice) {
  if constexpr (sizeof(T) > 8) {
    return T{dice.next()} << 64 | dice.next();
  } else {
    return static_cast<T>(dice.next());
  }
}

/// First, last, or something of lo..hi.
template <class T>
T corner_or_inside(T lo, T hi, Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return lo;
    case 1:
      return hi;
    default:
      break;
  }
  const T size = hi - lo + 1;  // 0: all numbers
  const T any = random_bits<T>(dice);
  return size == 0 ? any : lo + any % size;
}

/// A number of lo..hi that agrees.
template <class T>
std::optional<T> draw(Interval<T> from, Bits<T> bits, Dice& dice) {
  const T start = corner_or_inside(from.lo, from.hi, dice);
  if (bits.agree(start)) return start;
  if (auto found = next_agreeing(start, bits, from.hi)) return found;
  return next_agreeing(from.lo, bits, from.hi);
}

/// A number of the set that agrees: a corner or inside of an interval, the
/// intervals evenly. Empty only where there is none.
template <class T>
std::optional<T> draw(const IntervalSet<T>& set, Bits<T> bits, Dice& dice) {
  const auto& intervals = set.intervals();
  if (intervals.empty()) return std::nullopt;
  const std::size_t start = dice.below(intervals.size());
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    auto found = draw(intervals[(start + i) % intervals.size()], bits, dice);
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace xdpgate
