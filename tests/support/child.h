// SPDX-License-Identifier: GPL-2.0-only
// Processes that a test starts: bounded in time, and gone with the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"

namespace xdpgate::test {

using Milliseconds = std::chrono::milliseconds;

/// How a process ended and what it wrote.
struct Finished {
  int exit_code = 0;  ///< or minus the signal that ended it
  std::string out;
  std::string err;
};

struct ChildOptions {
  /// Runs in the child before its program does; must not allocate much. A
  /// child for which it returns false ends with exit code 127.
  std::function<bool()> before_exec = {};
  int stdout_fd = -1;  ///< where its output goes instead of Finished::out
};

/// One child process; move-only. It is killed and reaped with this object.
class Child {
 public:
  /// Starts argv[0], looked up in PATH. Throws where there can be no process.
  [[nodiscard]] static Child start(const std::vector<std::string>& argv,
                                   const ChildOptions& options = {});
  Child(Child&&) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Nothing where it still runs after `limit`.
  [[nodiscard]] std::optional<Finished> wait(Milliseconds limit);
  /// What it has written to standard error so far.
  [[nodiscard]] std::string err() const;

 private:
  Child() = default;

  pid_t pid_ = 0;  // 0: reaped
  Fd pidfd_, out_, err_;
};

/// Starts and waits; a process that takes longer than a minute is killed and
/// fails the test.
Finished run(const std::vector<std::string>& argv,
             const ChildOptions& options = {});

/// run() of the xdpgate that was built with the tests.
Finished tool(std::vector<std::string> arguments,
              const ChildOptions& options = {});
/// argv of the same.
[[nodiscard]] std::vector<std::string> tool_argv(
    std::vector<std::string> arguments);

}  // namespace xdpgate::test
