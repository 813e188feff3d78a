// SPDX-License-Identifier: GPL-2.0-only
// The keys of a match, one by one: all of them are known, and they hold
// together exactly where the match does.
#include "explain/key_parts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/check_match.h"
#include "policy/evaluate.h"
#include "tests/explain/explained.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"
#include "tests/support/seeds.h"

namespace xdpgate::test {
namespace {

TEST(KeyParts, AreTheKeysOfTheLanguage) {
  const auto names = part_names();
  ASSERT_EQ(names.size(), match_keys().size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(names[i], match_keys()[i].name);
  }
}

TEST(KeyParts, AnEmptyMatchHasNone) { EXPECT_TRUE(key_parts({}).empty()); }

TEST(KeyParts, HoldTogetherWhereTheMatchDoes) {
  const SeedRange seeds = seeds_of(0, 60, false);
  SCOPED_TRACE(seeds.text());
  int held = 0;
  for (std::uint64_t seed = seeds.first; seed < seeds.first + seeds.count;
       ++seed) {
    const Policy policy = policy_of(random_policy_text(seed));
    RandomPackets packets(seed);
    for (int i = 0; i < 40; ++i) {
      const Bytes frame = packets.next();
      const Packet packet = dissect(frame, "i0");
      const Match& match = policy.rules[i % policy.rules.size()].match;
      const auto parts = key_parts(match);
      const bool all = std::ranges::all_of(parts, [&](const KeyPart& part) {
        return matches(policy, part.alone, packet);
      });
      ASSERT_EQ(all, matches(policy, match, packet)) << "seed " << seed;
      held += all;
    }
  }
  EXPECT_GT(held, 50);
}

}  // namespace
}  // namespace xdpgate::test
