// SPDX-License-Identifier: GPL-2.0-only
// What an instance attaches, the entry program, and the maps that its
// generations share. All live as long as the instance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

struct Entry {
  Fd program;
  Fd slots;    ///< which it calls into
  Fd capture;  ///< struct xg_capture: what the reader of packets asks for
  Fd rings;    ///< the ring that packets go to
  Fd ports;    ///< struct xg_port: totals an interface
};

/// Loads the entry program with an empty program array, and nobody who reads.
[[nodiscard]] Result<Entry> load_entry();

/// Puts the program behind `program_fd` in force: packets that come in after
/// this call are judged by it.
[[nodiscard]] Result<void> put_in_force(int slots_fd, int program_fd);

/// The id of the program in force; 0: none.
[[nodiscard]] Result<std::uint32_t> program_in_force(int slots_fd);

/// The kernel's id of a program; never 0.
[[nodiscard]] Result<std::uint32_t> program_id(int program_fd);

/// The kernel's digest of a program's instructions as loaded, in hexadecimal:
/// the same for the same code, whatever its maps and constants hold.
[[nodiscard]] Result<std::string> program_tag(int program_fd);

/// The kernel's ids of the maps that a program uses.
[[nodiscard]] Result<std::vector<std::uint32_t>> program_maps(int program_fd);

/// Returns when no packet is being judged by what was in force before the
/// call. XDP programs run inside an RCU read-side section (a softirq, or the
/// test run's), so a grace period is enough. Error: there is no way to wait.
[[nodiscard]] Result<void> wait_for_packets();

}  // namespace xdpgate
