// SPDX-License-Identifier: GPL-2.0-only
// All findings about a host: what stops xdpgate here, or slows it down.
#pragma once

#include <string>
#include <vector>

#include "doctor/finding.h"
#include "doctor/interface.h"

namespace xdpgate {

struct ExamineRequest {
  /// Empty: those that are up, but for loopback, and those that an instance
  /// uses.
  std::vector<std::string> interfaces;
  InterfaceRequest how;
};

/// The host first, then the interfaces. Changes nothing but what
/// InterfaceRequest::try_native asks for.
[[nodiscard]] Findings examine(const ExamineRequest& request);

}  // namespace xdpgate
