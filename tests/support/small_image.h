// SPDX-License-Identifier: GPL-2.0-only
// Images laid out by hand, byte for byte as abi.h says: one leaf that holds
// all rules. They test the packet path without the compiler.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <vector>

#include "compile/image.h"

namespace xdpgate::test {

/// Matches where XG_W_PROTO & mask == value, whatever the addresses.
struct SmallRule {
  std::uint8_t action = XG_PASS;  ///< enum xg_verdict or XG_COUNT
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
};

struct SmallImage {
  std::uint32_t default_action = XG_PASS;
  std::uint32_t malformed = XG_DROP;  ///< or XG_MALFORMED_MATCH
  std::uint32_t features = XG_HAS_MACS;
  std::vector<SmallRule> rules = {};
  std::size_t at_least_bytes = 0;  ///< zeros behind the rest
};

[[nodiscard]] Image build(const SmallImage& small);

}  // namespace xdpgate::test
