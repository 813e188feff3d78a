// SPDX-License-Identifier: GPL-2.0-only
// What a policy would cut off on this host, for whoever is about to apply it.
#pragma once

#include <vector>

#include "analyze/lockout.h"
#include "policy/policy.h"

namespace xdpgate {

/// find_lockouts() with the SSH session that this process runs in, if any
/// (SSH_CONNECTION); but not where it comes in by an interface that `policy`,
/// by its `interfaces`, does not filter.
[[nodiscard]] std::vector<Lockout> lockouts_here(const Policy& policy);

}  // namespace xdpgate
