// SPDX-License-Identifier: GPL-2.0-only
// `top` from its first line to its last.
#pragma once

#include <string>

#include "base/result.h"
#include "top/model.h"

namespace xdpgate {

struct TopRequest {
  std::string instance;  ///< may be empty where only one runs
  double interval_s = 1;
  SortKey sort = SortKey::kPackets;
  std::string filter;
  bool hide_idle = false;
};

/// Shows the instance until the user quits or a signal ends it; the terminal is
/// as it was afterwards, also where an exception passes. Error: the instance
/// cannot be read at first, or the terminal not be drawn on.
[[nodiscard]] Result<void> run_top(const TopRequest& request);

}  // namespace xdpgate
