// SPDX-License-Identifier: GPL-2.0-only
// Promise 3: `kill -9` of apply at random instants, under traffic.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "base/dice.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;

constexpr int kKills = 400;
constexpr std::uint16_t kDropped = 1, kPassed = 2, kTelling = 3;

class Kill : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char* telling : {"pass", "drop"}) {
      files_.push_back(write_file(
          fmt::format("{}.yaml", telling),
          policy_text({port_rule("dropped", kDropped, "drop"),
                       port_rule("passed", kPassed, "pass"),
                       port_rule("telling", kTelling, telling)})));
    }
    seed_ = std::random_device()();
    dice_ = Dice(seed_);
  }

  // How long an undisturbed apply takes here and now: the median of a few.
  Microseconds time_apply() {
    std::vector<Microseconds> times;
    for (int i = 0; i < 9; ++i) {
      const auto start = Clock::now();
      EXPECT_EQ(tool({"apply", files_[static_cast<std::size_t>(i) % 2]})
                    .exit_code,
                0);
      times.push_back(
          std::chrono::duration_cast<Microseconds>(Clock::now() - start));
    }
    std::ranges::nth_element(times, times.begin() + 4);
    return times[4];
  }

  // Starts the command and kills it at a random instant from `from` to `to`;
  // whether it was still alive.
  bool start_and_kill(const std::vector<std::string>& words, Microseconds from,
                      Microseconds to) {
    Child child = Child::start(tool_argv(words));
    const auto lo = static_cast<std::uint64_t>(from.count());
    const auto hi = static_cast<std::uint64_t>(to.count());
    std::this_thread::sleep_for(Microseconds(dice_.between(lo, hi)));
    child.signal(SIGKILL);
    const auto finished = child.wait(Milliseconds(10'000));
    EXPECT_TRUE(finished);
    return finished && finished->exit_code == -SIGKILL;
  }

  std::vector<std::string> files_;
  std::uint64_t seed_ = 0;
  Dice dice_{0};
};

// One generation and the one before it, and nothing else: what an apply leaves
// that nobody killed.
void expect_cleaned_up() {
  const auto pins = tree(pins_of(instance_name()));
  const auto generations =
      std::ranges::count_if(pins, [](const std::string& path) {
        return path.starts_with("gen-") && path.ends_with("/prog");
      });
  EXPECT_TRUE(generations == 1 || generations == 2) << generations;
  EXPECT_EQ(pins.size(), 7u + 5u * static_cast<unsigned>(generations)) << fmt::format("{}", fmt::join(pins, "\n"));
}

TEST_F(Kill, OfASwapLeavesTheOldOrTheNewPolicyAndAllCounts) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  ASSERT_EQ(tool({"apply", files_[0]}).exit_code, 0);
  Sink sink("v1");
  Traffic traffic("v0", {udp_to(kDropped), udp_to(kPassed), udp_to(kTelling)});
  const Microseconds typical = time_apply();
  int before = 0, after = 0, too_late = 0;
  std::uint64_t passed = 0;
  for (int kill = 0; kill < kKills && !HasFailure(); ++kill) {
    const auto old = counts_as_they_are();
    const auto& file = files_[old.generation % 2];  // the other policy
    // Every other one late: loading takes most of the time, and the commit
    // comes behind it.
    const Microseconds from = kill % 2 == 0 ? Microseconds{0} : typical / 2;
    if (!start_and_kill({"apply", file}, from, from + typical)) ++too_late;
    const auto now = counts_as_they_are();
    ++(now.generation == old.generation ? before : after);
    EXPECT_LE(now.generation, old.generation + 1);
    EXPECT_GE(now.packets("passed"), passed);
    passed = now.packets("passed");
    if (kill % 4 != 3) continue;  // who cleans up is killed too
    const auto same_or_other = now.generation + static_cast<unsigned>(kill) / 4;
    const Finished next = tool({"apply", files_[same_or_other % 2]});
    EXPECT_EQ(next.exit_code, 0) << next.err;
    expect_cleaned_up();
  }
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts counts = counts_after(arrived);
  sink.stop();
  fmt::print("{} kills of an apply that takes {} us: {} before the commit, "
             "{} after it (of these {} after the end), under {} packets\n",
             before + after, typical.count(), before, after, too_late,
             traffic.sent());
  EXPECT_EQ(counts.judged(), arrived);
  EXPECT_EQ(counts.default_action.packets, 0u);
  expect_counted(counts.packets("dropped"), traffic, 0);
  expect_counted(counts.packets("passed"), traffic, 1);
  expect_counted(counts.packets("telling"), traffic, 2);
  EXPECT_EQ(sink.to(kDropped), 0u);
  EXPECT_GT(before, kKills / 20);
  EXPECT_GT(after - too_late, 0);
}

TEST_F(Kill, OfAFirstApplyAndOfADetachLeaveNothingInTheWay) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  const Microseconds typical = time_apply();
  int first_applies = 0, detaches = 0;
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    ASSERT_EQ(tool({"detach", "--all"}).exit_code, 0);
    EXPECT_EQ(tree("/sys/fs/bpf/xdpgate").size(), 0u);
    first_applies += start_and_kill({"apply", files_[0]}, {}, typical);
    EXPECT_EQ(tool({"status"}).exit_code, 0);
    const Finished next = tool({"apply", files_[i % 2]});
    ASSERT_EQ(next.exit_code, 0) << next.err;
    expect_cleaned_up();
    detaches += start_and_kill({"detach", "--all"}, {}, typical / 4);
    const Finished again = tool({"apply", files_[1]});
    ASSERT_EQ(again.exit_code, 0) << again.err;
    expect_cleaned_up();
  }
  fmt::print("{} first applies and {} detaches killed in time\n",
             first_applies, detaches);
  EXPECT_GT(first_applies, 10);
}

}  // namespace
}  // namespace xdpgate::test
