// SPDX-License-Identifier: GPL-2.0-only
// Elements of dynamic sets that have expired are not found by any packet, but
// take room until somebody removes them.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace xdpgate {

/// Removes what has expired from the dynamic sets of a running instance, and
/// forgets prefix lengths that no element has any more. How many elements went;
/// 0 where another tool is at work. Error: no such instance, or its state
/// cannot be read or written.
[[nodiscard]] Result<std::size_t> collect_expired(const std::string& instance);

}  // namespace xdpgate
