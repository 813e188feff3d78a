// SPDX-License-Identifier: GPL-2.0-only
// The address space of one family, cut where something begins or ends: sorted
// regions, each with the trie entry that its addresses lead to.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "compile/address_codes.h"
#include "compile/address_tables.h"

namespace xdpgate {

/// Addresses from `start` (left-aligned in 128 bits) to the next region's
/// start lead to `entry`: a LEAF, or the RAW entry of a block.
struct AddressRegion {
  U128 start = 0;
  std::uint32_t entry = 0;
};

/// The rows of set bits that occur, each once; shared by both families.
class SetRows {
 public:
  explicit SetRows(std::size_t set_count);

  /// The number of the row of the sets now active.
  std::uint32_t current();
  /// Adds a set to those active, or takes it away.
  void flip(std::uint32_t set);

  std::vector<std::uint32_t> words;  ///< row_words a row
  std::uint32_t row_words;

 private:
  std::vector<std::uint32_t> active_;
  std::uint64_t active_hash_ = 0;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

/// The regions of a family (XG_KIND_IPV4, XG_KIND_IPV6) by the sets that hold
/// it: a LEAF with the number of their row.
[[nodiscard]] std::vector<AddressRegion> set_regions(
    xg_kind kind, std::span<const AddressSet* const> sets, SetRows& rows);

/// The regions of IPv6 by their codes. entries[n] is where the rest of
/// codes.blocks[n] leads to.
[[nodiscard]] std::vector<AddressRegion> code_regions(
    const AddressCodes& codes, std::span<const std::uint32_t> entries);

}  // namespace xdpgate
