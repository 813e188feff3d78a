// SPDX-License-Identifier: GPL-2.0-only
#include "cli/interrupt.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>

namespace xdpgate {
namespace {

using Clock = std::chrono::steady_clock;

timespec to_timespec(double seconds) {
  const double whole = std::floor(std::max(seconds, 0.0));
  return {static_cast<std::time_t>(whole),
          static_cast<long>((std::max(seconds, 0.0) - whole) * 1e9)};
}

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals_, &before_);
}

Interrupt::~Interrupt() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

bool Interrupt::comes_within(double seconds) const {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    const std::chrono::duration<double> left = end - Clock::now();
    const timespec wait = to_timespec(left.count());
    if (::sigtimedwait(&signals_, nullptr, &wait) > 0) return true;
    if (errno != EINTR) return false;  // EAGAIN: the time is up
  }
}

}  // namespace xdpgate
