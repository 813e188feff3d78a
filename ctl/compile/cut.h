// SPDX-License-Identifier: GPL-2.0-only
// One cut of the key, which children a box reaches under it, and the choice of
// the best cut for a list of boxes.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compile/region.h"
#include "compile/service_table.h"
#include "compile/tree.h"

namespace xdpgate {

/// A window of the key: `bits` (1..XG_MAX_CUT_BITS) of `word` above `shift`.
struct Cut {
  std::uint8_t word = 0;
  std::uint8_t shift = 0;
  std::uint8_t bits = 0;
  [[nodiscard]] std::uint32_t children() const { return 1u << bits; }
};

using ChildRanges = std::vector<Interval<std::uint32_t>>;

/// A service as the builder needs it at every box.
struct ServiceInfo {
  const Condition* condition = nullptr;
  std::uint32_t tested_words = 0;  ///< bit w: a test on word w
};

/// The key word with the first four bytes of the address that a MAC test asks
/// about. XG_W_MACS has the other two.
[[nodiscard]] inline xg_word mac_word(const Test& test) {
  return test.word == 0 ? XG_W_SMAC : XG_W_DMAC;
}
/// Whether `test` asks for MAC bits that `word` has.
[[nodiscard]] inline bool asks_mac_in(const Test& test, unsigned word) {
  return test.kind == XG_TEST_MAC && !test.negated &&
         (word == XG_W_MACS || word == mac_word(test));
}
/// What a MAC test asks of `word`: mac_word() or XG_W_MACS.
[[nodiscard]] inline Ternary mac_bits(const Test& test, unsigned word) {
  if (word != XG_W_MACS) return {test.mask, test.a};
  const unsigned shift = test.word == 0 ? 16 : 0;
  return {(test.b >> 16) << shift, (test.b & 0xffff) << shift};
}

/// The services of a table, by number. The table must outlive the result.
[[nodiscard]] std::vector<ServiceInfo> service_infos(
    const ServiceTable& services);

/// The children of `cut` that `box` reaches inside `region`: disjoint, in
/// rising order, into `ranges` (cleared first).
void reach(const Box& box, const ServiceInfo& service, const Region& region,
           const Cut& cut, ChildRanges& ranges);

/// `region`, narrowed to what every box of `list` asks for: a packet outside
/// matches none of them, so it does not matter where the tree takes it.
[[nodiscard]] Region asked_by_all(std::span<const Box> boxes,
                                  std::span<const ServiceInfo> services,
                                  std::span<const std::uint32_t> list,
                                  const Region& region);

/// What choose_cut() works on.
struct CutQuery {
  std::span<const Box> boxes;
  std::span<const ServiceInfo> services;
  std::span<const std::uint32_t> list;  ///< numbers of boxes
  const Region& region;
  bool may_evict = false;  ///< boxes with too many copies may be moved on
  std::size_t width = 2;   ///< most children a box of the list; never below 4
};

/// A box with more copies than this is moved to the next tree.
inline constexpr std::uint32_t kMaxCopies = 8;

/// The cut that leaves the fewest boxes to an average packet for its memory;
/// none where no cut is worth a step.
[[nodiscard]] std::optional<Cut> choose_cut(const CutQuery& query);

}  // namespace xdpgate
