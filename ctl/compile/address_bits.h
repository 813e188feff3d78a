// SPDX-License-Identifier: GPL-2.0-only
// Addresses as 128 bits, left-aligned, read from the left.
#pragma once

#include <bit>
#include <cstdint>

#include "policy/policy.h"

namespace xdpgate {

/// How many leading bits two addresses share, 0..128.
inline unsigned common_bits(U128 a, U128 b) {
  const U128 differ = a ^ b;
  const auto hi = static_cast<std::uint64_t>(differ >> 64);
  const auto lo = static_cast<std::uint64_t>(differ);
  return static_cast<unsigned>(hi != 0 ? std::countl_zero(hi)
                                       : 64 + std::countl_zero(lo));
}

/// The `count` (1..128) bits behind the first `depth`, right-aligned.
inline U128 bits_of(U128 address, unsigned depth, unsigned count) {
  return (address << depth) >> (128 - count);
}

/// The address with all but its first `length` (0..128) bits cleared.
inline U128 first_of(U128 address, unsigned length) {
  return length == 0 ? 0 : address >> (128 - length) << (128 - length);
}

/// The address with all but its first `length` (0..128) bits set.
inline U128 last_of(U128 address, unsigned length) {
  return length == 128 ? address : address | (~U128{0} >> length);
}

}  // namespace xdpgate
