// SPDX-License-Identifier: GPL-2.0-only
// A packet's place in the space of packets, the obvious way. For this folder.
#pragma once

#include <span>
#include <vector>

#include "analyze/box.h"
#include "analyze/space.h"
#include "policy/packet.h"

namespace xdpgate::test {

/// Whether `packet`, in its field `field`, is one of `values`; false where it
/// lacks the field. What is unknown always is.
[[nodiscard]] bool lies_in(const Packet& packet, SpaceField field,
                           const Values& values, const Space& space);
/// Whether it is of the kind: has its fields and no others, within bounds.
[[nodiscard]] bool is_of(const Packet& packet, const Kind& kind,
                         const Space& space);
/// Whether it is of the box's kind and lies in all that the box asks for.
[[nodiscard]] bool lies_in(const Packet& packet, const FieldBox& box,
                           const Space& space);

}  // namespace xdpgate::test
