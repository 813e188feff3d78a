// SPDX-License-Identifier: GPL-2.0-only
// Commands that run until they are told to stop.
#pragma once

#include <csignal>
#include <ctime>

namespace xdpgate {

/// While it lives, SIGINT and SIGTERM do not end the process: they are what
/// comes_within() waits for, so that the command ends between two reports,
/// with its own exit code.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  /// Sleeps for `seconds`; true, at once, where an interrupt comes.
  [[nodiscard]] bool comes_within(double seconds) const;

 private:
  sigset_t signals_, before_;
};

}  // namespace xdpgate
