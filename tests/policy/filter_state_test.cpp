// SPDX-License-Identifier: GPL-2.0-only
// What a filter remembers: dynamic sets as the policy defines them, and times.
#include "policy/filter_state.h"

#include <gtest/gtest.h>

#include "policy/duration.h"
#include "tests/policy/checked.h"

namespace xdpgate::test {
namespace {

TEST(DynamicSet, IsWhatThePolicySays) {
  const Checked checked = check_text(R"(version: 1
sets:
  plain: {type: address, dynamic: false, elements: [10.0.0.1]}
  banned: {type: address, dynamic: true, size: 1000000, timeout: 1h30m}
  guests: {type: address, dynamic: true}
rules:
  - {name: x, match: {src: ["@banned", "@plain"], dst: {not: "@guests"}}, action: drop}
)");
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(checked.findings(), "");
  const auto& sets = checked.policy->address_sets;
  EXPECT_FALSE(sets[0].dynamic);
  EXPECT_EQ(sets[1].dynamic->number, 0u);
  EXPECT_EQ(sets[1].dynamic->size, 1'000'000u);
  EXPECT_EQ(sets[1].dynamic->timeout_ns, 5'400 * kSecondNs);
  EXPECT_EQ(sets[2].dynamic->number, 1u);
  EXPECT_EQ(sets[2].dynamic->size, 65'536u);
  EXPECT_EQ(sets[2].dynamic->timeout_ns, 0u);
}

TEST(Duration, ReadsAndPrints) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"1s", 1}, {"90s", 90}, {"10m", 600}, {"1h30m", 5'400}, {"2d", 172'800},
      {"1w", 604'800}, {"1h0m5s", 3'605}, {"3650d", 315'360'000}};
  for (const auto& [text, seconds] : cases) {
    EXPECT_EQ(parse_duration(text), seconds * kSecondNs) << text;
  }
  EXPECT_EQ(parse_duration("500ms"), kSecondNs / 2);
  for (const char* text : {"", "1", "s", "-1s", "1.5h", "0s", "1m1h", "1h1h",
                           "3651d", "99999999999999999999w", "1 h", "0x1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(1), "1s");
  EXPECT_EQ(duration_text(59 * kSecondNs), "59s");
  EXPECT_EQ(duration_text(3'599 * kSecondNs), "59m59s");
  EXPECT_EQ(duration_text(3'600 * kSecondNs), "1h");
  EXPECT_EQ(duration_text(90'061 * kSecondNs), "1d1h");
}

}  // namespace
}  // namespace xdpgate::test
