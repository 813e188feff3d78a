// SPDX-License-Identifier: GPL-2.0-only
// IPv6 prefixes -> 32-bit codes that keep what holds what.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compile/address_tables.h"

namespace xdpgate {

/// The codes of a set of prefixes. Number n stands for prefixes[n]; number
/// prefixes.size() for all addresses outside every prefix.
struct AddressCodes {
  /// The code of the addresses that are in prefix n and in no longer one.
  std::vector<std::uint32_t> remainder;
  /// The code prefixes that stand for prefix n.
  std::vector<std::vector<CodePrefix>> prefixes;
};

/// Codes for `prefixes`, which are distinct and sorted by value, then length.
/// Each prefix gets one aligned block of codes that holds the blocks of the
/// prefixes inside it and one code for the rest. Where blocks nest too deeply
/// for 32 bits, codes are numbers in the order of the prefixes, and a prefix
/// is the run of numbers of all that it holds, as several aligned blocks.
[[nodiscard]] AddressCodes make_codes(std::span<const Prefix6> prefixes);

}  // namespace xdpgate
