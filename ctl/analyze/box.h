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
struct FieldBox {
  const Kind* kind = nullptr;
  std::uint32_t asked = 0;  ///< bit 1 << SpaceField: `values` has it
  std::array<const Values*, kFields> values{};

  [[nodiscard]] bool asks(SpaceField field) const {
    return (asked >> field & 1) != 0;
  }
  /// What `field`, which the kind has, may be.
  [[nodiscard]] const Values& of(SpaceField field) const {
    return asks(field) ? *values[field] : *kind->domain[field];
  }
  void set(SpaceField field, const Values* value) {
    values[field] = value;
    asked |= 1u << field;
  }
};

/// Calls `what(field)` for each bit of `fields` until it says false; whether
/// it never did.
template <class What>
bool for_all(std::uint32_t fields, What what) {
  for (; fields != 0; fields &= fields - 1) {
    if (!what(static_cast<SpaceField>(__builtin_ctz(fields)))) return false;
  }
  return true;
}

/// Whether the boxes, of one kind, have a packet in common.
[[nodiscard]] bool meet(const FieldBox& a, const FieldBox& b, Budget& budget);
/// The fields in which `a` leaves out something that `b`, of the same kind,
/// has; none: it covers it.
[[nodiscard]] std::uint32_t uncovered_fields(const FieldBox& a,
                                             const FieldBox& b, Budget& budget);
/// What is in both boxes, which meet; new values go to `store`.
[[nodiscard]] FieldBox common(const FieldBox& a, const FieldBox& b,
                              ValueStore& store, Budget& budget);

}  // namespace xdpgate
