// SPDX-License-Identifier: GPL-2.0-only
// Promise 5: two tools at once are serialised; the second says whom it waits
// for.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "bpf/bpffs.h"
#include "bpf/lock.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/syscall_gate.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {
namespace {

using namespace std::chrono_literals;

class LockTest : public SystemTest {};

// What a child has said once it has said a line; a few seconds at most.
std::string first_words(const Child& child) {
  for (int tries = 0; tries < 500; ++tries) {
    if (const std::string words = child.err(); words.contains('\n')) {
      return words;
    }
    std::this_thread::sleep_for(10ms);
  }
  return child.err();
}

std::string policy(int port) {
  return write_file(fmt::format("{}.yaml", port),
                    policy_text({port_rule("rule", port, "drop")}));
}

TEST_F(LockTest, TheSecondWaitsForTheFirstAndNamesIt) {
  const std::string first = policy(1), second = policy(2), third = policy(3);
  ASSERT_EQ(tool({"apply", first}).exit_code, 0);
  const std::vector<std::string> swap = tool_argv({"apply", second});
  const auto calls = run_gated(swap, {}).calls;
  const auto fold = std::ranges::find(calls, "membarrier") - calls.begin();
  ASSERT_EQ(tool({"apply", first}).exit_code, 0);

  std::optional<Child> waiting;
  std::string words;
  // The first tool stands still in the middle of its swap.
  const Gated done = run_gated(
      swap, {.at = static_cast<int>(fold), .meanwhile = [&] {
               waiting.emplace(Child::start(tool_argv({"apply", third})));
               words = first_words(*waiting);
               EXPECT_FALSE(waiting->wait(100ms));
             }});
  EXPECT_EQ(done.finished.exit_code, 0) << done.finished.err;
  ASSERT_TRUE(waiting);
  const auto after = waiting->wait(10s);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->exit_code, 0) << after->err;
  EXPECT_EQ(words,
            fmt::format("xdpgate: waiting for process {} ({} apply {}) to "
                        "finish\n",
                        done.pid, XG_TOOL, second));
  // Neither's work is lost: 1, 2, 1, then the two of this test.
  EXPECT_EQ(counts().generation, 5u);
  EXPECT_EQ(tool({"apply", third}).exit_code, 0);
  EXPECT_EQ(counts().generation, 5u);
}

TEST_F(LockTest, DetachWaitsToo) {
  ASSERT_EQ(tool({"apply", policy(1)}).exit_code, 0);
  auto state = state_directory();
  ASSERT_TRUE(state) << state.error().line();
  std::optional<Lock> lock;
  lock.emplace(std::move(*Lock::take(*state)));
  Child detach = Child::start(tool_argv({"detach", "--all"}));
  const std::string words = first_words(detach);
  EXPECT_TRUE(words.contains(fmt::format("process {} (", ::getpid()))) << words;
  // Readers do not wait.
  EXPECT_EQ(tool({"status"}).exit_code, 0);
  EXPECT_EQ(tool({"stats"}).exit_code, 0);
  EXPECT_FALSE(detach.wait(1ms));
  lock.reset();
  const auto after = detach.wait(10s);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->exit_code, 0) << after->err;
  EXPECT_TRUE(tree("/sys/fs/bpf/xdpgate").empty());
}

TEST_F(LockTest, AKilledHolderIsNotWaitedFor) {
  const std::string file = policy(1);
  const auto calls = run_gated(tool_argv({"apply", file}), {}).calls;
  const auto locked = std::ranges::find(calls, "flock") - calls.begin();
  ASSERT_EQ(tool({"detach", "--all"}).exit_code, 0);
  run_gated(tool_argv({"apply", file}), {.at = static_cast<int>(locked) + 1});
  const Finished next = tool({"apply", file});
  EXPECT_EQ(next.exit_code, 0);
  EXPECT_EQ(next.err, "");
}

}  // namespace
}  // namespace xdpgate::test
