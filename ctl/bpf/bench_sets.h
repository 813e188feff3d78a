// SPDX-License-Identifier: GPL-2.0-only
// Content for the dynamic sets of a program that is timed.
#pragma once

#include "base/result.h"
#include "bpf/program.h"
#include "compile/image.h"

namespace xdpgate {

/// Gives `program` its dynamic sets, each filled to its size (at most 100,000)
/// with hosts of 240.0.0.0/4, which no packet comes from: lookups find a large
/// set, and not the address.
[[nodiscard]] Result<void> fill_sets(const Program& program,
                                     const Image& image);

}  // namespace xdpgate
