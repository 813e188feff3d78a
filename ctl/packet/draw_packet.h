// SPDX-License-Identifier: GPL-2.0-only
// One attempt at a packet for a match: the shape is given, the fields are
// drawn, headers from the outside in. Each field is drawn exactly (from what
// the match and the payload bytes leave), so an attempt fails only where the
// shape is wrong or where a negated payload was met by chance.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "packet/bits.h"
#include "packet/byte_demands.h"
#include "packet/draw_address.h"
#include "packet/frame_layout.h"
#include "packet/packet_spec.h"
#include "packet/shape.h"

namespace xdpgate {

/// What negated address lists of one match leave, where it had to be made.
struct OutsideOfMatch {
  std::unique_ptr<Outside> src, dst;
};

class PacketDraw {
 public:
  PacketDraw(const Policy& policy, const Match& match, const ShapeSpace& space,
             Traffic traffic, OutsideOfMatch& outside, Dice& dice)
      : policy_(policy), match_(match), space_(space), traffic_(traffic),
        outside_(outside), dice_(dice) {}

  /// A packet of `shape`; not yet held against the match.
  [[nodiscard]] std::optional<PacketSpec> draw(const Shape& shape);

 private:
  using Numbers = std::optional<NumberSet>;

  template <class T>
  [[nodiscard]] Bits<T> bits(std::uint32_t at, unsigned bytes) const {
    return demands_.bits<T>(at, bytes);
  }
  /// A number of `asked`, or `usual`, or what the bits allow of 0..max; false
  /// where there is none.
  template <class T>
  [[nodiscard]] bool number(const Numbers& asked, Bits<std::uint32_t> bits,
                            std::uint32_t max, std::uint32_t usual, T& field) {
    std::optional<std::uint32_t> drawn;
    if (asked) {
      drawn = xdpgate::draw(*asked, bits, dice_);
    } else if (bits.agree(usual)) {
      drawn = usual;
    } else {
      drawn = xdpgate::draw(Interval<std::uint32_t>{0, max}, bits, dice_);
    }
    if (drawn) field = static_cast<T>(*drawn);
    return drawn.has_value();
  }
  [[nodiscard]] std::uint32_t usual(std::uint32_t plain,
                                    std::uint32_t others_below);

  [[nodiscard]] bool demand(PayloadBase base);
  [[nodiscard]] bool demand(const PayloadMatch& payload, std::uint32_t base);
  [[nodiscard]] bool demand_difference(const PayloadMatch& payload,
                                       std::uint32_t base);

  [[nodiscard]] bool link();
  [[nodiscard]] bool tag(std::uint32_t at, std::size_t number);
  [[nodiscard]] bool ethertype();
  [[nodiscard]] bool network();
  [[nodiscard]] bool traffic_class();
  [[nodiscard]] bool ip_options();
  [[nodiscard]] bool ipv6_headers();
  [[nodiscard]] bool extension(std::uint32_t& next_at);
  [[nodiscard]] bool addresses();
  [[nodiscard]] bool protocol();
  [[nodiscard]] std::uint32_t usual_protocol();
  [[nodiscard]] bool fragment_word();
  [[nodiscard]] bool upper();
  [[nodiscard]] bool header_words();
  [[nodiscard]] bool ports();
  [[nodiscard]] bool port_pair(const Numbers& src, const Numbers& dst);
  [[nodiscard]] bool either_port();
  [[nodiscard]] bool tcp_flags();
  [[nodiscard]] bool icmp();
  [[nodiscard]] bool length();
  [[nodiscard]] bool length_of(const NumberSet& allowed);
  [[nodiscard]] bool udp_length();
  void pad_other();
  void patch16(std::uint32_t at, std::uint32_t value);
  void patch_demands();

  const Policy& policy_;
  const Match& match_;
  const ShapeSpace& space_;
  const Traffic traffic_;
  OutsideOfMatch& outside_;
  Dice& dice_;

  Shape shape_;
  PacketSpec spec_;
  std::uint32_t ip_at_ = 0, next_header_at_ = 0;
  ByteDemands demands_;
  std::uint32_t needed_end_ = 0;  ///< of the frame, for payloads to fit in
};

}  // namespace xdpgate
