// SPDX-License-Identifier: GPL-2.0-only
// xdpgate as a service: the loop that waits for files, interfaces, time and
// signals. What it does about them is the keeper's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "metrics/listen_address.h"
#include "service/event_log.h"

namespace xdpgate {

struct ServiceOptions {
  std::string folder;                   ///< of the policies
  std::optional<ListenAddress> listen;  ///< none: no metrics
  std::uint32_t most_rules = 0;         ///< with series of their own
  bool detach_on_exit = false;
  LogForm log = LogForm::kLines;
};

/// Runs until SIGTERM or SIGINT; SIGHUP applies all files again. Error: no
/// privilege, no such folder, or another service keeps that folder.
[[nodiscard]] Result<void> run_service(const ServiceOptions& options);

}  // namespace xdpgate
