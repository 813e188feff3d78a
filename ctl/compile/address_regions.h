// SPDX-License-Identifier: GPL-2.0-only
// The address space of one family, cut at every boundary of a set or prefix:
// sorted regions, each with its address class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "compile/address_codes.h"
#include "compile/address_tables.h"

namespace xdpgate {

/// Addresses from `start` (left-aligned in 128 bits) to the next region's
/// start are of class `address`.
struct AddressRegion {
  U128 start = 0;
  std::uint32_t address = 0;
};

/// Interns rows of set bits and address classes; shared by both families.
class AddressClasses {
 public:
  explicit AddressClasses(std::size_t set_count);

  /// The class of (code, the row of the sets now active).
  std::uint32_t current(std::uint32_t code);
  /// Adds a set to those active, or takes it away.
  void flip(std::uint32_t set);

  std::vector<xg_address> addresses;
  std::vector<std::uint32_t> rows;  ///< row_words a row
  std::uint32_t row_words;

 private:
  std::uint32_t current_row();

  std::vector<std::uint32_t> active_;
  std::uint64_t active_hash_ = 0;
  std::unordered_multimap<std::uint64_t, std::uint32_t> row_by_hash_;
  std::unordered_map<std::uint64_t, std::uint32_t> class_by_pair_;
};

/// The regions of IPv4 (sets only).
[[nodiscard]] std::vector<AddressRegion> ipv4_regions(
    std::span<const AddressSet* const> sets, AddressClasses& classes);

/// The regions of IPv6; `prefixes` sorted, with their codes.
[[nodiscard]] std::vector<AddressRegion> ipv6_regions(
    std::span<const Prefix6> prefixes, const AddressCodes& codes,
    std::span<const AddressSet* const> sets, AddressClasses& classes);

}  // namespace xdpgate
