// SPDX-License-Identifier: GPL-2.0-only
// Packets that contradict themselves, made from packets that do not.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/packet_spec.h"

namespace xdpgate {

/// Frames that have the fields of `spec` as far as they are read, and then end
/// or lie, each in another way.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> malformed_frames(
    const PacketSpec& spec);

}  // namespace xdpgate
