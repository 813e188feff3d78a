// SPDX-License-Identifier: GPL-2.0-only
// Runs a program and stops it at a chosen one of the system calls that change
// something (bpf, directories and pins, locks): there it is killed, or the
// call fails. So every instant that matters can be tried, one after the other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/child.h"

namespace xdpgate::test {

/// What becomes of call number `at` (from 0): it fails with `error`; or waits
/// while `meanwhile` runs, and goes on; or, with neither, the process is killed
/// instead.
struct Gate {
  int at = -1;  ///< -1: no call is touched
  int error = 0;
  std::function<void()> meanwhile = {};
};

struct Gated {
  Finished finished;
  pid_t pid = 0;  ///< that it had
  /// What came to the gate, in order: "bpf 6", "unlink".
  std::vector<std::string> calls;
};

/// Runs argv to its end behind the gate; a minute at most.
Gated run_gated(const std::vector<std::string>& argv, const Gate& gate);

}  // namespace xdpgate::test
