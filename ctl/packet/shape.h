// SPDX-License-Identifier: GPL-2.0-only
// The choices that decide which headers a packet has. The sampler settles them
// first; every field is then drawn on its own.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/dice.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// What to put where a rule asks for nothing: what most traffic has, or
/// anything that the reader of packets can read.
enum class Traffic : std::uint8_t { kPlain, kVaried };

/// Which headers.
struct Shape {
  std::optional<Family> family;  ///< none: not IP
  std::uint8_t tags = 0;         ///< 0..4
  Fragment fragment = Fragment::kNone;
  std::uint8_t options = 0;  ///< 0: none; IPv6: number of extension headers
  /// Not set: drawn, of what the rule and the family allow.
  std::optional<std::uint8_t> protocol;
};

/// The shapes of one match.
class ShapeSpace {
 public:
  ShapeSpace(const Policy& policy, const Match& match);

  [[nodiscard]] bool empty() const;
  /// Any of them; the space is not empty.
  [[nodiscard]] Shape any(Traffic traffic, Dice& dice) const;
  /// All of them, simple ones first, with each protocol that has a header of
  /// its own and with any other.
  [[nodiscard]] std::vector<Shape> all() const;

  /// The protocols that a packet of `shape` may have.
  [[nodiscard]] NumberSet protocols(const Shape& shape) const;
  /// Whether the match leaves all protocols open.
  [[nodiscard]] bool any_protocol() const;

 private:
  void judge_tags();
  void judge_kinds(const Policy& policy);
  [[nodiscard]] bool ip_may_match(const Policy& policy, Family family) const;
  [[nodiscard]] bool fragment_may_match(Fragment fragment) const;
  [[nodiscard]] bool options_may_match(Family family, Fragment fragment,
                                       bool options) const;
  [[nodiscard]] std::optional<Family> any_kind(Traffic traffic,
                                               Dice& dice) const;
  [[nodiscard]] std::uint8_t any_tags(Traffic traffic, Dice& dice) const;
  void any_network(Traffic traffic, Dice& dice, Shape& shape) const;
  void add_networks(Shape shape, std::vector<Shape>& shapes) const;

  const Match& match_;
  bool needs_ports_, needs_icmp_, needs_upper_, needs_data_;
  bool other_ = false, v4_ = false, v6_ = false;
  bool tags_[5] = {};
};

}  // namespace xdpgate
