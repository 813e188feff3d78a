// SPDX-License-Identifier: GPL-2.0-only
// What the running kernel's BPF can do, asked by doing it.
#pragma once

#include "base/result.h"

namespace xdpgate {

/// Whether the kernel compiled the loaded program to machine code.
[[nodiscard]] Result<bool> is_jited(int program_fd);

/// errno of the kernel's refusal of programs that extend others
/// (BPF_PROG_TYPE_EXT), which libxdp's dispatcher is made of; 0: it takes them.
[[nodiscard]] int extension_refusal();

}  // namespace xdpgate
