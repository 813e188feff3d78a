// SPDX-License-Identifier: GPL-2.0-only
// The last look before a program goes into force.
#pragma once

#include "base/result.h"
#include "bpf/program.h"
#include "compile/image.h"

namespace xdpgate {

/// Runs packets of every kind through the loaded program and compares its
/// verdicts and counts with the native engine's; leaves its counters at zero.
/// Error: they disagree, or the kernel cannot run the program.
[[nodiscard]] Result<void> self_check(const Program& program,
                                      const Image& image);

}  // namespace xdpgate
