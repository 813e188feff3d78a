// SPDX-License-Identifier: GPL-2.0-only
#include "compile/region.h"

#include <gtest/gtest.h>

namespace xdpgate {
namespace {

struct FieldCase {
  const char* name;
  Ternary known;
  unsigned shift, width;
  Interval<std::uint32_t> range;
};

TEST(FieldRange, FollowsTheTopmostKnownBits) {
  const FieldCase cases[] = {
      {"nothing known", {0, 0}, 0, 8, {0, 255}},
      {"all known", {0xff, 0x2a}, 0, 8, {42, 42}},
      {"top half known", {0xf0, 0x20}, 0, 8, {0x20, 0x2f}},
      {"a gap hides what is below", {0xd0, 0x50}, 0, 8, {0x40, 0x7f}},
      {"low bits alone say nothing", {0x0f, 0x05}, 0, 8, {0, 255}},
      {"other fields do not matter", {0xff00ffff, 0xab001234}, 16, 8, {0, 255}},
      {"upper half of a word", {0xffff0000, 0x00500000}, 16, 16, {80, 80}},
      {"a whole word", {0xffffffff, 0xdeadbeef}, 0, 32, {0xdeadbeef, 0xdeadbeef}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(field_range(c.known, c.shift, c.width), c.range) << c.name;
  }
}

Region with(xg_word word, std::uint32_t mask, std::uint32_t value) {
  Region region;
  region.known[word] = {mask, value};
  return region;
}

TEST(Covers, NeedsEveryConditionToBeKnown) {
  const Condition any;
  Box box;
  EXPECT_TRUE(covers(box, any, Region{}));
  box.src = 0xc0000200;
  box.src_shift = 8;
  EXPECT_FALSE(covers(box, any, Region{}));
  EXPECT_FALSE(covers(box, any, with(XG_W_SRC, 0xffff0000, 0xc0000000)));
  EXPECT_TRUE(covers(box, any, with(XG_W_SRC, 0xffffff00, 0xc0000200)));
  EXPECT_TRUE(covers(box, any, with(XG_W_SRC, 0xffffffff, 0xc0000207)));
  EXPECT_FALSE(covers(box, any, with(XG_W_SRC, 0xffffffff, 0xc0000307)));
}

TEST(Covers, PortRangesAndTests) {
  Condition ports;
  ports.dst_port = {80, 95};
  const Box box;
  EXPECT_FALSE(covers(box, ports, Region{}));
  EXPECT_TRUE(covers(box, ports, with(XG_W_PORTS, 0xfff0, 0x0050)));
  EXPECT_FALSE(covers(box, ports, with(XG_W_PORTS, 0xffe0, 0x0040)));
  const Condition ttl =
      number_condition(XG_W_IP, 8, 0xff, NumberSet({{1, 5}, {9, 9}}));
  EXPECT_FALSE(covers(box, ttl, Region{}));
  EXPECT_TRUE(covers(box, ttl, with(XG_W_IP, 0xff00, 0x0900)));
  EXPECT_TRUE(covers(box, ttl, with(XG_W_IP, 0xfe00, 0x0400)));
  EXPECT_FALSE(covers(box, ttl, with(XG_W_IP, 0xfc00, 0x0400)));
}

TEST(TestsPossible, TellsWhatARegionRulesOut) {
  Condition odd = number_condition(XG_W_IP, 8, 0xff, NumberSet({{64, 64}}));
  EXPECT_TRUE(tests_possible(odd, XG_W_IP, {}));
  EXPECT_FALSE(tests_possible(odd, XG_W_IP, {0x8000, 0x8000}));
  EXPECT_TRUE(tests_possible(odd, XG_W_IP, {0x0100, 0x0000}));
  EXPECT_FALSE(tests_possible(odd, XG_W_IP, {0x0100, 0x0100}));
  EXPECT_TRUE(tests_possible(odd, XG_W_L4, {0x8000, 0x8000}));
  odd.tests[0].negated = true;
  EXPECT_FALSE(tests_possible(odd, XG_W_IP, {0xff00, 0x4000}));
  EXPECT_TRUE(tests_possible(odd, XG_W_IP, {0xff00, 0x4100}));
}

}  // namespace
}  // namespace xdpgate
