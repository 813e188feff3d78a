// SPDX-License-Identifier: GPL-2.0-only
// A packet that somebody wants: every field that the match language can ask
// for, with defaults in the documentation ranges, so that only what matters
// need be said. build_frame() makes the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

inline constexpr std::uint16_t kEtherIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherArp = 0x0806;
inline constexpr std::uint16_t kEtherIpv6 = 0x86dd;

/// One VLAN tag: 802.1Q (0x8100), 802.1ad (0x88a8) or 0x9100.
struct VlanTag {
  std::uint16_t tpid = 0x8100;
  std::uint16_t tci = 0;  ///< priority << 13 | drop eligible << 12 | id
  friend bool operator==(const VlanTag&, const VlanTag&) = default;
};

/// An IPv6 extension header. `length` is its length field: (length + 1) * 8
/// bytes, for AH (length + 2) * 4, for fragment headers (here: of a packet
/// that is whole) always 8.
struct Extension {
  std::uint8_t kind = 60;  ///< 0, 43, 44, 51, 60, 135, 139 or 140
  std::uint8_t length = 0;
  friend bool operator==(const Extension&, const Extension&) = default;
};

/// Bytes laid over the finished frame, `offset` bytes behind `base`.
struct Patch {
  PayloadBase base = PayloadBase::kEther;
  std::uint32_t offset = 0;
  std::vector<std::uint8_t> bytes;
  friend bool operator==(const Patch&, const Patch&) = default;
};

/// What to build. The ethertype says what else means something: with 0x0800
/// the addresses are IPv4 ones (in the low 32 bits), with 0x86dd IPv6 ones,
/// with others `data` is all that follows.
struct PacketSpec {
  std::string interface;  ///< ingress; not in the frame
  std::uint64_t src_mac = 0x02'00'00'00'00'01;
  std::uint64_t dst_mac = 0x02'00'00'00'00'02;
  std::vector<VlanTag> tags;  ///< outermost first, at most XG_MAX_TAGS
  std::uint16_t ethertype = kEtherIpv4;  ///< behind the tags

  U128 src = 0xc0000201;  ///< 192.0.2.1
  U128 dst = 0xc6336401;  ///< 198.51.100.1
  /// Upper layer. An IPv6 packet cannot have the number of an extension header
  /// here, except in a later fragment.
  std::uint8_t protocol = 6;
  std::uint8_t ttl = 64;
  std::uint8_t dscp = 0;                 ///< 0..63
  std::uint8_t ecn = 0;                  ///< 0..3
  Fragment fragment = Fragment::kNone;   ///< IPv6: one more extension header
  std::uint8_t option_words = 0;         ///< IPv4 options: 0..10 times 4 bytes
  std::vector<Extension> extensions;     ///< IPv6, at most 7
  /// IP total length (IPv6: 40 + payload length): zeros are appended to reach
  /// it. Not set: what headers, data and patches need. One too small for them
  /// is raised, see min_length(). IPv4 beyond 65535: a total length of 0.
  std::optional<std::uint32_t> length;

  std::uint16_t src_port = 40000;
  std::uint16_t dst_port = 80;
  std::uint16_t tcp_flags = 0x002;       ///< 12 bits; default: SYN
  std::uint8_t icmp_type = 8;            ///< of ICMP or ICMPv6
  std::uint8_t icmp_code = 0;
  /// Header of TCP (5..15) or DCCP (3..255) in 32-bit words; 0: the smallest.
  std::uint8_t header_words = 0;
  /// Behind the last header that the reader knows; in a later fragment behind
  /// the IP headers. Empty in an ARP packet: a request for `dst` by `src`.
  std::vector<std::uint8_t> data;
  /// They have the last word, also over lengths and checksums.
  std::vector<Patch> patches;
  friend bool operator==(const PacketSpec&, const PacketSpec&) = default;
};

/// The defaults, for IPv6 with 2001:db8::1 > 2001:db8::2.
[[nodiscard]] PacketSpec default_spec(Family family);
/// Whether the ethertype is one of IP, and which.
[[nodiscard]] std::optional<Family> family_of(const PacketSpec& spec);
/// Gives an IP packet options: IPv4, or a destination options header.
void add_ip_options(PacketSpec& spec);
/// Whether an IPv6 next header of this number is an extension header.
[[nodiscard]] bool is_extension_header(std::uint32_t protocol);

}  // namespace xdpgate
