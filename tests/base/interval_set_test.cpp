// SPDX-License-Identifier: GPL-2.0-only
// Interval sets against sets of single numbers, over a universe small enough
// to try all of it, and at the ends of the widest type.
#include "base/interval_set.h"

#include <gtest/gtest.h>

#include <bitset>
#include <cstdint>

#include "base/dice.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kMax = 255;
using Set = IntervalSet<std::uint32_t>;
using Bits = std::bitset<kMax + 1>;

struct Both {
  Set set;
  Bits bits;
};

Both random_both(Dice& dice) {
  std::vector<Interval<std::uint32_t>> intervals;
  Bits bits;
  for (auto n = dice.below(8); n > 0; --n) {
    const auto lo = static_cast<std::uint32_t>(dice.below(256));
    const auto hi = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(kMax, lo + dice.below(40)));
    intervals.push_back({lo, hi});
    for (unsigned i = lo; i <= hi; ++i) bits.set(i);
  }
  return {Set(intervals), bits};
}

Bits bits_of(const Set& set) {
  Bits bits;
  for (unsigned i = 0; i <= kMax; ++i) {
    bits[i] = set.contains(static_cast<std::uint32_t>(i));
  }
  return bits;
}

bool is_normal(const Set& set) {
  const auto& all = set.intervals();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].lo > all[i].hi) return false;
    if (i > 0 && all[i].lo <= all[i - 1].hi + 1) return false;
  }
  return true;
}

TEST(IntervalSet, AgreesWithSingleNumbers) {
  Dice dice(20261124);
  for (int round = 0; round < 2'000; ++round) {
    const Both a = random_both(dice), b = random_both(dice);
    SCOPED_TRACE(round);
    ASSERT_EQ(bits_of(a.set), a.bits);
    ASSERT_EQ(bits_of(a.set.united(b.set)), a.bits | b.bits);
    ASSERT_EQ(bits_of(a.set.intersected(b.set)), a.bits & b.bits);
    ASSERT_EQ(bits_of(a.set.complement(kMax)), ~a.bits);
    ASSERT_EQ(a.set.empty(), a.bits.none());
    for (const Set& set : {a.set, a.set.united(b.set), a.set.intersected(b.set),
                           a.set.complement(kMax)}) {
      ASSERT_TRUE(is_normal(set));
    }
  }
}

TEST(IntervalSet, AnswersForRanges) {
  Dice dice(20261125);
  for (int round = 0; round < 2'000; ++round) {
    const Both a = random_both(dice);
    const auto lo = static_cast<std::uint32_t>(dice.below(256));
    const auto hi = static_cast<std::uint32_t>(dice.between(lo, kMax));
    bool some = false, every = true;
    for (unsigned i = lo; i <= hi; ++i) {
      some |= a.bits[i];
      every &= a.bits[i];
    }
    ASSERT_EQ(a.set.intersects(lo, hi), some) << round;
    ASSERT_EQ(a.set.covers(lo, hi), every) << round;
  }
}

TEST(IntervalSet, ComplementStopsAtItsLimit) {
  EXPECT_EQ(Set().complement(9), Set::range(0, 9));
  EXPECT_EQ(Set::range(0, 9).complement(9), Set());
  EXPECT_EQ(Set::range(0, 200).complement(9), Set());
  EXPECT_EQ(Set::range(20, 30).complement(9), Set::range(0, 9));
  EXPECT_EQ(Set::of(9).complement(9), Set::range(0, 8));
}

TEST(IntervalSet, ReachesTheEndsOf128Bits) {
  using Wide = unsigned __int128;
  const Wide last = ~Wide{0};
  using WideSet = IntervalSet<Wide>;
  EXPECT_EQ(WideSet::of(last).complement(last), WideSet::range(0, last - 1));
  EXPECT_EQ(WideSet::of(0).complement(last), WideSet::range(1, last));
  EXPECT_EQ(WideSet({{last, last}, {0, last - 1}}), WideSet::range(0, last));
  EXPECT_TRUE(WideSet::range(5, last).covers(last, last));
}

}  // namespace
}  // namespace xdpgate
