// SPDX-License-Identifier: GPL-2.0-only
// Commands that read for long keep no more privileges than they need.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using namespace std::chrono_literals;

// What the kernel says of all threads of a process: "CapEff:0 CapPrm:0
// NoNewPrivs:1", once each, sorted.
std::set<std::string> privileges(pid_t pid) {
  std::set<std::string> all;
  for (const auto& task : std::filesystem::directory_iterator(
           fmt::format("/proc/{}/task", pid))) {
    std::ifstream file(task.path() / "status");
    std::string line, told;
    while (std::getline(file, line)) {
      for (const char* key : {"CapPrm:", "CapEff:", "NoNewPrivs:"}) {
        if (!line.starts_with(key)) continue;
        const auto value = line.find_first_not_of(" \t0", std::string(key).size());
        told += key + (value == std::string::npos ? "0" : line.substr(value));
        told += ' ';
      }
    }
    all.insert(told);
  }
  return all;
}

class Privileges : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    file_ = write_file("policy.yaml",
                       policy_text({port_rule("low", 1, "drop")}));
    ASSERT_EQ(tool({"apply", file_}).exit_code, 0);
  }
  // All threads have these privileges before long.
  static void expect_privileges(const Child& child, const std::string& wanted) {
    std::set<std::string> told;
    for (int i = 0; i < 1'000; ++i) {
      told = privileges(child.pid());
      if (told == std::set{wanted}) return;
      std::this_thread::sleep_for(20ms);
    }
    ADD_FAILURE() << fmt::format("{}", fmt::join(told, "; "));
  }
  static void expect_ends_well(Child& child) {
    child.signal(SIGTERM);
    const auto done = child.wait(Milliseconds(60'000));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->exit_code, 0) << done->err;
  }

  std::string file_;
};

constexpr const char* kNone = "CapPrm:0 CapEff:0 NoNewPrivs:1 ";

TEST_F(Privileges, CaptureNeedsNoneOnceItIsOpen) {
  const std::string capture = scratch() / "c.pcapng";
  Child child = Child::start(tool_argv({"capture", "--rule", "low", "--count",
                                        "12", "-w", capture}));
  expect_privileges(child, kNone);
  send("v0", udp_to(1), 10);
  // It follows a swap without them.
  ASSERT_EQ(tool({"apply", write_file("next.yaml",
                                      policy_text({port_rule("new", 9, "drop"),
                                                   port_rule("low", 1, "drop")}))})
                .exit_code,
            0);
  std::optional<Finished> done;
  for (int i = 0; i < 600 && !done; ++i) {
    send("v0", udp_to(1), 1);
    done = child.wait(Milliseconds(50));
  }
  ASSERT_TRUE(done) << child.err();
  EXPECT_EQ(done->exit_code, 0) << done->err;
  EXPECT_TRUE(done->err.contains("12 packets")) << done->err;
}

TEST_F(Privileges, StatsNeedsNoneAfterItsFirstReport) {
  Child child = Child::start(tool_argv({"stats", "--watch", "50ms", "--json"}));
  expect_privileges(child, kNone);
  ASSERT_EQ(tool({"apply", write_file("next.yaml", policy_text({}))}).exit_code,
            0);
  std::this_thread::sleep_for(300ms);  // of the new generation, too
  expect_ends_well(child);
}

// Bits 10 and 21: CAP_NET_BIND_SERVICE for its port, CAP_SYS_ADMIN for sets.
TEST_F(Privileges, ExportKeepsTwo) {
  Child child = Child::start(tool_argv({"export", "--listen", "127.0.0.1:0"}));
  expect_privileges(child, "CapPrm:200400 CapEff:200400 NoNewPrivs:1 ");
  expect_ends_well(child);
}

}  // namespace
}  // namespace xdpgate::test
