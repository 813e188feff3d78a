// SPDX-License-Identifier: GPL-2.0-only
// What a generation in force takes over from the one before it.
#pragma once

#include "base/result.h"
#include "bpf/generation.h"

namespace xdpgate {

/// Waits until no packet runs `old`, then brings what it has counted and what
/// has come into its sets late to `next`, and seals it. May be done again after
/// a kill.
[[nodiscard]] Result<void> take_over(const Generation& old, Generation& next);

}  // namespace xdpgate
