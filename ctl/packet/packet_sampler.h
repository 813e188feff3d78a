// SPDX-License-Identifier: GPL-2.0-only
// Packets that satisfy a rule, drawn at random.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/dice.h"
#include "packet/draw_packet.h"
#include "packet/packet_spec.h"
#include "packet/shape.h"
#include "policy/policy.h"

namespace xdpgate {

/// Draws packets for the rules of one policy, which the caller keeps. What is
/// costly about a rule is worked out when it is first needed, and kept.
class PacketSampler {
 public:
  explicit PacketSampler(const Policy& policy,
                         Traffic traffic = Traffic::kPlain);

  /// A well-formed packet that satisfies the match of rule number `rule`:
  /// fields at the corners or inside of what the rule allows. matches() has
  /// confirmed it. Earlier rules may match it too. Empty where no well-formed
  /// packet satisfies the match.
  [[nodiscard]] std::optional<PacketSpec> sample(std::uint32_t rule,
                                                 Dice& dice);
  /// The same for a match over the sets of the policy; nothing is kept.
  [[nodiscard]] std::optional<PacketSpec> sample(const Match& match,
                                                 Dice& dice);

 private:
  struct Memory {
    bool impossible = false;
    std::optional<Shape> shape;  ///< where guessing shapes failed: one that did
    OutsideOfMatch outside;
  };
  [[nodiscard]] std::optional<PacketSpec> sample(const Match& match,
                                                 Memory& memory, Dice& dice);
  [[nodiscard]] std::optional<PacketSpec> guess(const ShapeSpace& space,
                                                const Match& match,
                                                PacketDraw& draw,
                                                Memory& memory, Dice& dice);
  [[nodiscard]] std::optional<PacketSpec> search(const ShapeSpace& space,
                                                 const Match& match,
                                                 PacketDraw& draw,
                                                 Memory& memory);
  [[nodiscard]] std::optional<PacketSpec> attempt(const Match& match,
                                                  const Shape& shape,
                                                  PacketDraw& draw);
  void choose_interfaces();
  [[nodiscard]] bool set_interface(const Match& match, Dice& dice);

  const Policy& policy_;
  const Traffic traffic_;
  std::vector<Memory> memory_;  ///< by rule
  std::vector<std::string> interfaces_;  ///< that packets may come in by
  std::string unnamed_;                  ///< one that it does not
  std::string interface_;
};

}  // namespace xdpgate
