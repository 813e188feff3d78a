// SPDX-License-Identifier: GPL-2.0-only
// The children that a box is handed to, against every key of a small universe.
#include <gtest/gtest.h>

#include <random>

#include "compile/cut.h"

namespace xdpgate {
namespace {

constexpr std::uint64_t kSeed = 20261123;

bool in_ranges(const ChildRanges& ranges, std::uint32_t child) {
  for (const auto& [lo, hi] : ranges) {
    if (child >= lo && child <= hi) return true;
  }
  return false;
}

void expect_normal(const ChildRanges& ranges, std::uint32_t children) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    EXPECT_LE(ranges[i].lo, ranges[i].hi);
    EXPECT_LT(ranges[i].hi, children);
    if (i > 0) {
      EXPECT_GT(ranges[i].lo, ranges[i - 1].hi);
    }
  }
}

Cut random_cut(std::mt19937_64& rng, unsigned word, unsigned lowest,
               unsigned width) {
  const auto bits = static_cast<unsigned>(1 + rng() % 4);
  const auto shift =
      static_cast<unsigned>(lowest + rng() % (width - bits + 1));
  return {static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(shift),
          static_cast<std::uint8_t>(bits)};
}

// Known bits from the top of a 16-bit field, as cuts from the top leave them.
Ternary random_known(std::mt19937_64& rng) {
  const auto open = static_cast<unsigned>(rng() % 17);
  const std::uint32_t mask = 0xffff & ~((1u << open) - 1);
  return {mask, static_cast<std::uint32_t>(rng()) & mask};
}

TEST(Reach, PortRangeReachesEveryChildOfItsPorts) {
  std::mt19937_64 rng(kSeed);
  for (int round = 0; round < 300; ++round) {
    std::uint32_t lo = rng() % 65536;
    std::uint32_t hi = std::min<std::uint32_t>(65535, lo + rng() % 3000);
    Condition condition;
    condition.dst_port = {lo, hi};
    Region region;
    region.known[XG_W_PORTS] = random_known(rng);
    const Cut cut = random_cut(rng, XG_W_PORTS, 0, 16);
    ChildRanges ranges;
    reach(Box{}, {&condition, 0}, region, cut, ranges);
    expect_normal(ranges, cut.children());
    const Ternary& known = region.known[XG_W_PORTS];
    for (std::uint32_t port = lo; port <= hi; ++port) {
      if ((port & known.mask) != known.value) continue;
      const std::uint32_t child = port >> cut.shift & (cut.children() - 1);
      ASSERT_TRUE(in_ranges(ranges, child))
          << "seed " << kSeed << " round " << round << " port " << port;
    }
  }
}

TEST(Reach, PrefixReachesExactlyItsChildren) {
  std::mt19937_64 rng(kSeed);
  for (int round = 0; round < 2000; ++round) {
    Box box;
    box.src_shift = static_cast<std::uint8_t>(rng() % 33);
    const std::uint32_t mask = box.src_shift == 32 ? 0 : ~0u << box.src_shift;
    box.src = static_cast<std::uint32_t>(rng()) & mask;
    const Condition any;
    const Cut cut = random_cut(rng, XG_W_SRC, 0, 32);
    ChildRanges ranges;
    reach(box, {&any, 0}, Region{}, cut, ranges);
    expect_normal(ranges, cut.children());
    for (std::uint32_t child = 0; child < cut.children(); ++child) {
      const std::uint32_t window = (cut.children() - 1) << cut.shift;
      const bool possible =
          ((child << cut.shift ^ box.src) & mask & window) == 0;
      ASSERT_EQ(in_ranges(ranges, child), possible) << "round " << round;
    }
  }
}

TEST(Reach, TernaryAndTestsNarrowTheChildren) {
  Condition tcp;
  tcp.proto = {0x4ff, 0x406};
  ChildRanges ranges;
  reach(Box{}, {&tcp, 0}, Region{}, {XG_W_PROTO, 0, 3}, ranges);
  EXPECT_EQ(ranges, (ChildRanges{{6, 6}}));
  reach(Box{}, {&tcp, 0}, Region{}, {XG_W_PROTO, 8, 3}, ranges);
  EXPECT_EQ(ranges, (ChildRanges{{4, 7}}));
  Condition ttl = number_condition(XG_W_IP, 8, 0xff, NumberSet({{1, 3}, {7, 7}}));
  reach(Box{}, {&ttl, 1u << XG_W_IP}, Region{}, {XG_W_IP, 8, 8}, ranges);
  EXPECT_EQ(ranges, (ChildRanges{{1, 3}, {7, 7}}));
}

}  // namespace
}  // namespace xdpgate
