// SPDX-License-Identifier: GPL-2.0-only
// Dissected packet -> PacketSpec, as far as words can say it.
#pragma once

#include "packet/packet_spec.h"
#include "policy/packet.h"

namespace xdpgate {

/// The fields of `packet`, and the bytes behind its headers. Headers of unusual
/// size become usual ones; the length keeps. build_frame() makes a packet with
/// the same fields of it, which may differ in bytes that are no fields.
/// `packet` has an ethertype, and IP addresses where that is IP's.
[[nodiscard]] PacketSpec spec_of(const Packet& packet);

}  // namespace xdpgate
