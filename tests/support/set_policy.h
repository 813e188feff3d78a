// SPDX-License-Identifier: GPL-2.0-only
// Policies of large address sets, and packets at the edges of their elements:
// they put the address tries, classes and codes to the test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/dice.h"
#include "packet/packet_spec.h"
#include "policy/policy.h"

namespace xdpgate::test {

/// A policy of `sets` address sets, of both families, of up to `elements`
/// elements each: nested prefixes, ranges, addresses, long runs of equal bits.
/// Its rules ask for the sets, plain and negated, for either side and both.
[[nodiscard]] std::string set_policy_text(std::uint64_t seed, std::size_t sets,
                                          std::size_t elements);

/// Draws packets whose addresses are first or last of an element, beside it,
/// or inside. The caller keeps the policy.
class SetPackets {
 public:
  SetPackets(const Policy& policy, std::uint64_t seed);

  [[nodiscard]] PacketSpec next();

 private:
  [[nodiscard]] U128 address(const std::vector<Interval<U128>>& elements,
                             unsigned bits);

  std::vector<Interval<U128>> v4_, v6_;  // elements of all sets
  Dice dice_;
};

}  // namespace xdpgate::test
