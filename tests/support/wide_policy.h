// SPDX-License-Identifier: GPL-2.0-only
// Policies of hundreds of rules over five fields, and packets at the edges of
// the rules: they put the cut trees to the test as random_policy.h does the
// match language.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/dice.h"
#include "packet/packet_sampler.h"
#include "packet/packet_spec.h"
#include "policy/policy.h"

namespace xdpgate::test {

/// A policy of `rules` rules: nested and neighbouring prefixes of both
/// families, port ranges of any width, protocols; one rule in ten asks for
/// something rarer too.
[[nodiscard]] std::string wide_policy_text(std::uint64_t seed,
                                           std::size_t rules);

/// Draws packets near the rules of a policy, which the caller keeps.
class EdgePackets {
 public:
  EdgePackets(const Policy& policy, std::uint64_t seed)
      : policy_(policy), sampler_(policy), dice_(seed) {}

  /// A packet that satisfies some rule, or the packet before with one field
  /// moved: to a neighbour, by one bit, or to another rule's value.
  [[nodiscard]] const PacketSpec& next();

 private:
  void draw();
  void move_field();
  void move_address(U128& address);
  void move_port(std::uint16_t& port);

  const Policy& policy_;
  PacketSampler sampler_;
  Dice dice_;
  PacketSpec spec_;
};

}  // namespace xdpgate::test
