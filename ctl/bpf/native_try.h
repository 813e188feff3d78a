// SPDX-License-Identifier: GPL-2.0-only
// Whether a driver takes a program in native mode, found out by doing it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace xdpgate {

struct NativeTry {
  int refused = 0;    ///< errno of the driver's refusal; 0: it takes it
  std::string words;  ///< why, by the kernel; may be empty
};

/// Attaches a program that passes everything, in native mode, to an interface
/// that carries none, and takes it off again; a driver may reset the card for
/// it. The kernel takes it off should this process die. Error: there is no
/// program to try with.
[[nodiscard]] Result<NativeTry> try_native(std::uint32_t ifindex,
                                           const std::string& name);

}  // namespace xdpgate
