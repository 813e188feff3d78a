// SPDX-License-Identifier: GPL-2.0-only
#include "service/supervisor.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <ctime>

namespace xdpgate {
namespace {

constexpr int kKeepEnvironment = 0;

void tell(const std::string& state) {
  (void)::sd_notify(kKeepEnvironment, state.c_str());
}

long long monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
}

}  // namespace

void tell_ready(const std::string& status) {
  tell("READY=1\nSTATUS=" + status);
}

void tell_reloading() {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us()));
}

void tell_stopping() { tell("STOPPING=1"); }

void tell_status(const std::string& status) { tell("STATUS=" + status); }

void tell_alive() { tell("WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_patience() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(kKeepEnvironment, &microseconds) <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(microseconds);
}

}  // namespace xdpgate
