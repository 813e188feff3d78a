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

/// The other way: waits until no packet runs `later`, then brings what it has
/// counted, what has come into its sets and what its limits are owed to
/// `again`, which is in force in its place. May be done again after a kill.
[[nodiscard]] Result<void> hand_back(const Generation& later,
                                     Generation& again);

}  // namespace xdpgate
