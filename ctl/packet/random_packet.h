// SPDX-License-Identifier: GPL-2.0-only
// Packets as they pass by any host: what a policy meets that has no rule for
// them.
#pragma once

#include "base/dice.h"
#include "packet/packet_spec.h"

namespace xdpgate {

/// A plausible packet of `family`: unicast addresses, mostly TCP and UDP with a
/// client's and a server's port.
[[nodiscard]] PacketSpec random_packet(Family family, Dice& dice);

}  // namespace xdpgate
