// SPDX-License-Identifier: GPL-2.0-only
// What the running kernel's BPF can do, asked by doing it.
#pragma once

#include "base/result.h"

namespace xdpgate {

/// Whether the kernel compiled the loaded program to machine code.
[[nodiscard]] Result<bool> is_jited(int program_fd);

}  // namespace xdpgate
