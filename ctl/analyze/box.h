// SPDX-License-Identifier: GPL-2.0-only
// Products of values: all packets of a kind whose fields each lie in a set.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "analyze/budget.h"
#include "analyze/space.h"
#include "analyze/values.h"

namespace xdpgate {

/// Keeps values for boxes, which point to them.
using ValueStore = std::deque<Values>;

/// A product. Fields that are not asked for may be anything that the kind
/// allows; none is empty. Does not own its values.
struct Box {
  const Kind* kind = nullptr;
  std::uint32_t asked = 0;  ///< bit 1 << PacketField: `values` has it
  std::array<const Values*, kFields> values{};

  [[nodiscard]] bool asks(PacketField field) const {
    return (asked >> field & 1) != 0;
  }
  /// What `field`, which the kind has, may be.
  [[nodiscard]] const Values& of(PacketField field) const {
    return asks(field) ? *values[field] : *kind->domain[field];
  }
  void set(PacketField field, const Values* value) {
    values[field] = value;
    asked |= 1u << field;
  }
};

/// Calls `what(field)` for each bit of `fields` until it says false; whether
/// it never did.
template <class What>
bool for_all(std::uint32_t fields, What what) {
  for (; fields != 0; fields &= fields - 1) {
    if (!what(static_cast<PacketField>(__builtin_ctz(fields)))) return false;
  }
  return true;
}

/// Whether the boxes, of one kind, have a packet in common.
[[nodiscard]] bool meet(const Box& a, const Box& b, Budget& budget);
/// The fields in which `a` leaves out something that `b`, of the same kind,
/// has; none: it covers it.
[[nodiscard]] std::uint32_t uncovered_fields(const Box& a, const Box& b,
                                             Budget& budget);
/// What is in both boxes, which meet; new values go to `store`.
[[nodiscard]] Box common(const Box& a, const Box& b, ValueStore& store,
                         Budget& budget);

}  // namespace xdpgate
