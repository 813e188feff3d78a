// SPDX-License-Identifier: GPL-2.0-only
// Wakes the service when interfaces come, go or change (rtnetlink).
#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

/// A socket that becomes readable when an interface of this network namespace
/// does something.
class LinkWatch {
 public:
  [[nodiscard]] static Result<LinkWatch> create();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes what has come; whether it was anything.
  bool drain() const;

 private:
  explicit LinkWatch(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace xdpgate
