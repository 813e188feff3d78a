// SPDX-License-Identifier: GPL-2.0-only
// One tool at a time changes the running filters of a host.
#pragma once

#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

/// Held until destroyed; the kernel takes it back from a killed process.
class Lock {
 public:
  /// Waits for the lock on `directory`; where another process holds it, says
  /// so on standard error first, with its pid and command.
  [[nodiscard]] static Result<Lock> take(const std::string& directory);
  /// The lock, or nothing where another process holds it.
  [[nodiscard]] static std::optional<Lock> try_take(
      const std::string& directory);
  /// Who holds the lock: "process PID (COMMAND)", "another xdpgate" where that
  /// does not show.
  [[nodiscard]] static std::string holder(const std::string& directory);

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace xdpgate
