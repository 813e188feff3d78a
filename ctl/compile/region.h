// SPDX-License-Identifier: GPL-2.0-only
// What is known of a key on the way down a tree, and how a box relates to it.
#pragma once

#include <xdpgate/abi.h>

#include <array>
#include <cstdint>

#include "compile/condition.h"
#include "compile/tree.h"

namespace xdpgate {

/// The bits of each key word that the cuts above have fixed.
struct Region {
  std::array<Ternary, XG_WORDS> known{};
};

/// What is known of every packet of a kind before the first cut.
[[nodiscard]] Region region_of(xg_kind kind);

/// The numbers that `width` bits at `shift` of a word may still have, as far
/// as the known bits are the topmost of the field: an interval.
[[nodiscard]] Interval<std::uint32_t> field_range(const Ternary& known,
                                                  unsigned shift,
                                                  unsigned width);

/// Whether every key of the region is in the box. What the box asks of the word
/// `but` is not looked at.
[[nodiscard]] bool covers(const Box& box, const Condition& condition,
                          const Region& region, unsigned but = XG_WORDS);

/// A region narrowed to child number `child` of a cut at `shift` of `bits`.
[[nodiscard]] Region child_region(const Region& region, unsigned word,
                                  unsigned shift, unsigned bits,
                                  std::uint32_t child);

/// Whether a key of the region may satisfy the tests of `condition` on `word`
/// (true where it cannot be told).
[[nodiscard]] bool tests_possible(const Condition& condition, unsigned word,
                                  const Ternary& known);

}  // namespace xdpgate
