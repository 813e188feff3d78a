// SPDX-License-Identifier: GPL-2.0-only
// Boxes as matches: to draw packets for them, and to print them.
#pragma once

#include "analyze/box.h"
#include "analyze/space.h"
#include "base/dice.h"
#include "policy/policy.h"

namespace xdpgate {

/// A match that asks for what `box` does, kind and all. Where it takes more
/// than one match (payload bytes that may be this or that) `dice` choose one.
/// It cannot say that a packet is short, or what is unknown.
[[nodiscard]] Match match_of(const FieldBox& box, const Space& space,
                             Dice& dice);

}  // namespace xdpgate
