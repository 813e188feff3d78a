// SPDX-License-Identifier: GPL-2.0-only
// The words of a packet text and its ends: what reader and printer share, and
// the smaller things that the reader reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "packet/packet_spec.h"
#include "policy/check_number.h"
#include "policy/packet.h"

namespace xdpgate {

/// What a text begins with.
struct Head {
  enum Kind {
    kProtocol,   ///< tcp, gre: a protocol of `family`, or of either
    kIp,         ///< ip, ip6: `proto` follows
    kEthertype,  ///< arp
    kNumber,     ///< ethertype NUMBER
    kFrame,      ///< frame HEX
  };
  Kind kind = kProtocol;
  std::uint16_t number = 0;  ///< protocol or ethertype
  std::optional<Family> family;
};

/// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`.
struct End {
  Address address;
  std::optional<std::uint16_t> port;
};

/// Words between blanks; a `>` is one by itself.
[[nodiscard]] std::vector<std::string_view> packet_words(std::string_view text);

[[nodiscard]] Parsed<Head> parse_head(std::string_view word);
[[nodiscard]] Parsed<End> parse_end(std::string_view word);
/// A name of `field`, or a number in its range.
[[nodiscard]] Parsed<std::uint32_t> parse_named(std::string_view word,
                                                const NumberField& field);
/// "syn,ack", "none", "0x012": 12 bits.
[[nodiscard]] Parsed<std::uint16_t> parse_flag_list(std::string_view word);
[[nodiscard]] Parsed<std::vector<std::uint8_t>> parse_bytes(
    std::string_view word);
/// `ip+4`: a patch without bytes.
[[nodiscard]] Parsed<Patch> parse_place(std::string_view word);
/// "ether", "ip", "l4", "data".
[[nodiscard]] std::string_view base_name(PayloadBase base);
/// What a packet of this protocol is called where it has a word of its own:
/// "tcp", "icmp6"; else nothing.
[[nodiscard]] std::optional<std::string_view> head_name(Family family,
                                                        std::uint8_t protocol);

}  // namespace xdpgate
