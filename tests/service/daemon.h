// SPDX-License-Identifier: GPL-2.0-only
// `xdpgate daemon` over a folder of the sandbox. For this folder.
#pragma once

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/child.h"
#include "tests/support/eventually.h"
#include "tests/support/running.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {

/// A running service; killed with this object.
class Daemon {
 public:
  explicit Daemon(std::vector<std::string> more = {"--listen", "none"},
                  std::function<bool()> before_exec = {})
      : child_(Child::start(tool_argv(words(std::move(more))),
                            {.before_exec = std::move(before_exec)})) {}

  [[nodiscard]] std::string log() const { return child_.err(); }
  /// Whether `text` comes to stand in its log.
  [[nodiscard]] bool says(const std::string& text) const {
    return eventually([&] { return log().contains(text); });
  }
  void signal(int number) const { child_.signal(number); }
  /// Stops it by `number` and waits.
  Finished end(int number) {
    child_.signal(number);
    auto done = child_.wait(Milliseconds(30'000));
    EXPECT_TRUE(done) << "it goes on";
    return done.value_or(Finished{});
  }

  [[nodiscard]] static std::string folder() {
    return (scratch() / "policies").string();
  }

 private:
  static std::vector<std::string> words(std::vector<std::string> more) {
    std::vector<std::string> all = {"daemon", "--policies", folder()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Child child_;
};

class DaemonTest : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped()) return;
    std::filesystem::create_directory(Daemon::folder());
  }

  /// Replaces the policy file of the test's instance, as editors do.
  std::string put_policy(const std::vector<std::string>& rules) {
    return put_file(instance_name() + ".yaml", policy_text(rules));
  }
  std::string put_file(const std::string& name, const std::string& text) {
    const std::string path = Daemon::folder() + "/" + name;
    std::filesystem::rename(write_file("new", text), path);
    return path;
  }
  /// "INSTANCE: generation N in force on v1 (native)".
  [[nodiscard]] static std::string in_force(int generation) {
    return instance_name() + ": generation " + std::to_string(generation) +
           " in force on v1 (native)";
  }
};

}  // namespace xdpgate::test
