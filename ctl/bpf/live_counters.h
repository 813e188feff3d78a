// SPDX-License-Identifier: GPL-2.0-only
// The per-CPU counters of one generation, as its program counts them.
#pragma once

#include <xdpgate/abi.h>

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace xdpgate {

/// The first `slots` counters (XG_SLOT_...) of the map behind `fd`, summed
/// over all CPUs.
[[nodiscard]] Result<std::vector<xg_counter>> read_live_counters(
    int fd, std::size_t slots);

/// Sets the first `slots` counters of the map behind `fd` to 0, on all CPUs.
[[nodiscard]] Result<void> clear_live_counters(int fd, std::size_t slots);

}  // namespace xdpgate
