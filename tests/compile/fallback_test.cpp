// SPDX-License-Identifier: GPL-2.0-only
// A rule that takes all that is left of a kind of packet stands in the header:
// as a record it would be in every leaf.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compile/compile.h"
#include "policy/load.h"

namespace xdpgate::test {
namespace {

// An image of two rules on ports, and of what follows.
Image image_of(const std::string& last) {
  Diagnostics diagnostics;
  const auto policy = parse_policy(
      "version: 1\nname: p\nrules:\n"
      "  - {name: a, match: {protocol: tcp, dst_port: 22}, action: pass}\n"
      "  - {name: b, match: {protocol: udp, dst_port: 53}, action: pass}\n" +
          last,
      "p.yaml", diagnostics);
  EXPECT_TRUE(policy) << last;
  auto image = compile(*policy, {});
  EXPECT_TRUE(image) << last;
  return image.value_or(Image{});
}

struct Case {
  const char* last;
  std::uint32_t other, ipv4, ipv6;  // the fallbacks
};

TEST(Fallback, IsTheFirstRuleThatTakesAKindWhole) {
  const std::uint32_t none = XG_NO_RULE;
  const Case cases[] = {
      {"", none, none, none},
      {"  - {name: all, action: drop}\n", 2, 2, 2},
      {"  - {name: four, match: {family: ipv4}, action: drop}\n", none, 2,
       none},
      {"  - {name: four, match: {family: ipv4}, action: drop}\n"
       "  - {name: all, action: pass}\n",
       3, 2, 3},
      {"  - {name: any, match: {dst: 0.0.0.0/0}, action: drop}\n", none, 2,
       none},
      // These do not always decide, or not about every packet of a kind.
      {"  - {name: seen, action: count}\n", none, none, none},
      {"  - {name: some, action: drop, limit: {rate: 1/s}, over: count}\n", none,
       none, none},
      {"  - {name: tcp, match: {protocol: tcp}, action: drop}\n", none, none,
       none},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.last);
    const Image image = image_of(c.last);
    const xg_header& header = image.header();
    EXPECT_EQ(header.fallback[XG_KIND_OTHER], c.other);
    EXPECT_EQ(header.fallback[XG_KIND_IPV4], c.ipv4);
    EXPECT_EQ(header.fallback[XG_KIND_IPV6], c.ipv6);
  }
}

TEST(Fallback, AddsNoRecordToTheTrees) {
  const auto with = image_of("  - {name: all, action: drop}\n");
  EXPECT_EQ(with.header().worst_steps, image_of("").header().worst_steps + 1);
}

}  // namespace
}  // namespace xdpgate::test
