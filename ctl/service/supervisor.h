// SPDX-License-Identifier: GPL-2.0-only
// What a service tells its supervisor (systemd, or who speaks its protocol):
// readiness, state in words, signs of life. Without one nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace xdpgate {

void tell_ready(const std::string& status);
void tell_reloading();
void tell_stopping();
void tell_status(const std::string& status);
void tell_alive();
/// How long the supervisor waits for a sign of life; none: it does not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_patience();

}  // namespace xdpgate
