// SPDX-License-Identifier: GPL-2.0-only
// Promise 6: nothing comes into force unchecked. (That a failing load, fill or
// check undoes everything is in gate_test.cpp.)
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "bpf/live_counters.h"
#include "bpf/program.h"
#include "bpf/self_check.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {
namespace {

class SelfCheck : public SystemTest {};

TEST_F(SelfCheck, AProgramThatJudgesOtherwiseIsRefused) {
  const Image passes = image_of(policy_text({}));
  const Image drops = image_of(policy_text(
      {"{name: six, match: {family: ipv6, protocol: udp}, action: drop}"}));
  const auto program = load_program(passes);
  ASSERT_TRUE(program) << program.error().line();
  EXPECT_TRUE(self_check(*program, passes));
  const auto checked = self_check(*program, drops);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().line(),
            "check the loaded program: it returns 2 for an IPv6 UDP packet "
            "where the native engine says drop; nothing was changed; please "
            "report this");
}

TEST_F(SelfCheck, AProgramThatCountsOtherwiseIsRefused) {
  const auto rules = [](const char* first, const char* second) {
    return image_of(policy_text(
        {fmt::format("{{name: a, match: {{protocol: {}}}, action: pass}}",
                     first),
         fmt::format("{{name: b, match: {{protocol: {}}}, action: pass}}",
                     second)}));
  };
  const auto program = load_program(rules("tcp", "gre"));
  ASSERT_TRUE(program) << program.error().line();
  const auto checked = self_check(*program, rules("gre", "tcp"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().line(),
            "check the loaded program: it counts 2 packets for rule `a` where "
            "the native engine counts 1; nothing was changed; please report "
            "this");
}

TEST_F(SelfCheck, LeavesNothingCounted) {
  const Image image = image_of(policy_text(
      {"{name: all, action: count}", "{name: tcp, match: {protocol: tcp}, "
                                     "action: drop}"}));
  const auto program = load_program(image);
  ASSERT_TRUE(program) << program.error().line();
  ASSERT_TRUE(self_check(*program, image));
  const auto counters =
      read_live_counters(program->counters_fd(), XG_SLOT_RULE + 2);
  ASSERT_TRUE(counters) << counters.error().line();
  EXPECT_THAT(*counters,
              testing::Each(testing::Field(&xg_counter::packets, 0)));
}

}  // namespace
}  // namespace xdpgate::test
