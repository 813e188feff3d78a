// SPDX-License-Identifier: GPL-2.0-only
// IPv6 prefixes -> 32-bit codes that keep what holds what.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compile/address_tables.h"

namespace xdpgate {

/// Codes are below 2^kCodeBits, so that a trie's LEAF holds one.
inline constexpr unsigned kCodeBits = 30;

/// The addresses of a prefix that are in no block inside it have the code
/// `code` + the `width` bits of the address behind the prefix. Where `width` is
/// not 0 there is no block inside.
struct CodeBlock {
  Prefix6 prefix;
  std::uint8_t width = 0;
  std::uint32_t code = 0;
};

/// The codes of a set of prefixes.
struct AddressCodes {
  std::vector<CodeBlock> blocks;  ///< sorted by prefix, nested or disjoint
  std::uint32_t outside = 0;      ///< code of the addresses in no block
  /// The code prefixes that stand for prefix n of those given.
  std::vector<std::vector<CodePrefix>> prefixes;
};

/// Codes for `prefixes`, which are distinct and sorted by value, then length.
/// Where all prefixes of a block end within a few bits of its length, the code
/// is these bits of the address, read and not looked up; as few blocks as fit
/// into 2^kCodeBits codes. Any other prefix gets an aligned block of codes that
/// holds the blocks inside it and one code for the rest. Where blocks nest too
/// deeply for that, codes are numbers in the order of the prefixes, and a
/// prefix is the run of numbers of all that it holds, as several aligned
/// blocks.
[[nodiscard]] AddressCodes make_codes(std::span<const Prefix6> prefixes);

}  // namespace xdpgate
