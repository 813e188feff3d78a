// SPDX-License-Identifier: GPL-2.0-only
// Packets that probably no rule is for.
#pragma once

#include "base/dice.h"
#include "packet/packet_sampler.h"
#include "packet/packet_spec.h"

namespace xdpgate {

/// Something for no rule: `near` (a packet of some rule) with a field or two
/// changed, ordinary traffic of the same family, or, now and then, anything
/// that can be read.
[[nodiscard]] PacketSpec near_miss(const PacketSpec& near,
                                   PacketSampler& anything, Dice& dice);

}  // namespace xdpgate
