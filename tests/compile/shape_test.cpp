// SPDX-License-Identifier: GPL-2.0-only
#include "compile/shape.h"

#include <gtest/gtest.h>

namespace xdpgate {
namespace {

std::string text(const std::vector<Prefix6>& prefixes, unsigned bits) {
  std::string result;
  for (const Prefix6& p : prefixes) {
    result += std::to_string(
                  static_cast<std::uint64_t>(p.value >> (128 - bits))) +
              "/" + std::to_string(p.length) + " ";
  }
  return result;
}

TEST(AppendPrefixes, SplitsIntervalsIntoAlignedBlocks) {
  struct Case {
    U128 lo, hi;
    unsigned bits;
    const char* expected;
  };
  const Case cases[] = {
      {0, 255, 8, "0/0 "},       {1, 1, 8, "1/8 "},
      {1, 6, 8, "1/8 2/7 4/7 6/8 "}, {192, 255, 8, "192/2 "},
      {0, 0xffffffff, 32, "0/0 "},   {0, ~U128{0}, 128, "0/0 "},
      {254, 255, 8, "254/7 "},
  };
  for (const Case& c : cases) {
    std::vector<Prefix6> prefixes;
    append_prefixes(c.lo, c.hi, c.bits, prefixes);
    EXPECT_EQ(text(prefixes, c.bits), c.expected);
  }
  std::vector<Prefix6> prefixes;
  append_prefixes(~U128{0} - 1, ~U128{0}, 128, prefixes);
  ASSERT_EQ(prefixes.size(), 1u);
  EXPECT_EQ(prefixes[0].length, 127);
}

struct Fixture {
  Policy policy;
  CompileOptions options;
  AddressSetTable sets{policy};
  ShapeContext context{policy, options, sets};
  std::optional<RuleShape> shape(const Match& match, xg_kind kind) {
    Rule rule;
    rule.match = match;
    return shape_of(rule, kind, context);
  }
};

NumberSet every_other_port(std::uint32_t count) {
  std::vector<Interval<std::uint32_t>> ports;
  for (std::uint32_t i = 0; i < count; ++i) ports.push_back({2 * i, 2 * i});
  return NumberSet(ports);
}

TEST(ShapeOf, EmptyMatchIsOneBoxForEveryKind) {
  Fixture f;
  for (xg_kind kind : {XG_KIND_OTHER, XG_KIND_IPV4, XG_KIND_IPV6}) {
    const auto shape = f.shape({}, kind);
    ASSERT_TRUE(shape);
    EXPECT_EQ(shape->src.size() * shape->dst.size() * shape->rest.size(), 1u);
    EXPECT_EQ(shape->rest[0].key(), Condition{}.key());
  }
}

TEST(ShapeOf, IpKeysExcludeOtherPackets) {
  Fixture f;
  Match match;
  match.ttl = NumberSet::range(0, 255);
  EXPECT_FALSE(f.shape(match, XG_KIND_OTHER));
  EXPECT_TRUE(f.shape(match, XG_KIND_IPV6));
  match.family = Family::kIpv4;
  EXPECT_FALSE(f.shape(match, XG_KIND_IPV6));
}

TEST(ShapeOf, LongPortListsFoldIntoOneBitmap) {
  Fixture f;
  Match match;
  match.dst_port = every_other_port(kMaxAlternatives);
  EXPECT_EQ(f.shape(match, XG_KIND_IPV4)->rest.size(), kMaxAlternatives);
  match.dst_port = every_other_port(kMaxAlternatives + 1);
  const auto folded = f.shape(match, XG_KIND_IPV4);
  ASSERT_EQ(folded->rest.size(), 1u);
  ASSERT_EQ(folded->rest[0].tests.size(), 1u);
  EXPECT_EQ(folded->rest[0].tests[0].kind, XG_TEST_BITMAP);
}

TEST(ShapeOf, ProductIsBounded) {
  Fixture f;
  Match match;
  match.src_port = every_other_port(10);
  match.dst_port = every_other_port(12);
  const auto shape = f.shape(match, XG_KIND_IPV4);
  EXPECT_EQ(shape->rest.size(), 10u) << "the longer list is folded";
}

TEST(ShapeOf, ContradictionsHaveNoShape) {
  Fixture f;
  Match match;
  match.fragment = FragmentMatch{false, true, false};
  match.ip_options = false;
  EXPECT_TRUE(f.shape(match, XG_KIND_IPV4));
  match.protocol = NumberSet{};
  EXPECT_FALSE(f.shape(match, XG_KIND_IPV4));
}

TEST(ShapeOf, NegatedAddressesBecomeOneSetTest) {
  Fixture f;
  Match match;
  match.src = AddressMatch{};
  match.src->listed.v4 = NumberSet::range(10, 20);
  match.src->negated = true;
  const auto v4 = f.shape(match, XG_KIND_IPV4);
  ASSERT_EQ(v4->src.size(), 1u);
  ASSERT_EQ(v4->src[0].sets.tests.size(), 1u);
  EXPECT_TRUE(v4->src[0].sets.tests[0].negated);
  const auto v6 = f.shape(match, XG_KIND_IPV6);
  ASSERT_TRUE(v6) << "an IPv6 source is not in an IPv4 list";
  EXPECT_TRUE(v6->src[0].sets.tests.empty());
}

}  // namespace
}  // namespace xdpgate
