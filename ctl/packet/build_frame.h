// SPDX-License-Identifier: GPL-2.0-only
// PacketSpec -> Ethernet frame.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/packet_spec.h"

namespace xdpgate {

/// The frame of `spec`: right lengths and checksums, no Ethernet padding. What
/// the reader of packets finds in it is what `spec` says, unless patches
/// overwrite it. A patch whose base the packet lacks, or the part of one beyond
/// the frame's end, is left out. A fragment's checksum is that of the datagram
/// that would end with it.
[[nodiscard]] std::vector<std::uint8_t> build_frame(const PacketSpec& spec);

}  // namespace xdpgate
