// SPDX-License-Identifier: GPL-2.0-only
// Prefixes -> blocks of the address space in which all prefixes end soon.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compile/address_tables.h"

namespace xdpgate {

/// A block of addresses and the prefixes [first, last) inside it, all of a
/// length between the block's and `width` bits more. A block of width 0 is one
/// of the prefixes itself, and may hold other blocks; the others do not.
struct PrefixBlock {
  Prefix6 prefix;
  std::uint8_t width = 0;
  std::size_t first = 0, last = 0;
};

/// Groups `prefixes` (distinct, sorted by value, then length) into the largest
/// blocks whose width is at most `width`; sorted by prefix.
[[nodiscard]] std::vector<PrefixBlock> find_blocks(
    std::span<const Prefix6> prefixes, unsigned width);

}  // namespace xdpgate
