// SPDX-License-Identifier: GPL-2.0-only
// Packets in words, much as tcpdump prints them, both ways:
//
//   tcp 192.0.2.1:1000 > 198.51.100.1:22 syn
//   udp [2001:db8::1]:53 > [2001:db8::2]:1024 vlan 5 vlan 7 ttl 3
//   icmp 192.0.2.1 > 198.51.100.1 echo-request
//   ip 192.0.2.1 > 198.51.100.1 proto gre frag first len 1400
//   arp on eth0
//
// docs/packets.md has the whole of it.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "packet/packet_spec.h"
#include "policy/packet.h"

namespace xdpgate {

/// Longest text that is read, in bytes.
inline constexpr std::size_t kMaxPacketText = 1 << 20;

/// Reads a packet in words. What is not said is as in default_spec(). The
/// complaint names the word, what was expected there and, for a misspelt word,
/// the nearest right one.
[[nodiscard]] Parsed<PacketSpec> parse_packet_text(std::string_view text);

/// All of a frame: parse_packet_text() and build_frame() make the same packet
/// of it again, byte for byte, without Ethernet padding. What words cannot say
/// (sequence numbers, unusual headers, contradictions) stands there as bytes:
/// `at BASE+OFFSET HEX`, or `frame HEX` for the whole. `packet` is from
/// dissect() and at least 14 bytes long.
[[nodiscard]] std::string packet_text(const Packet& packet);
/// The same of the frame of `spec`.
[[nodiscard]] std::string packet_text(const PacketSpec& spec);

/// In one short line what a reader looks for first: who talks to whom over
/// what, tags, fragments, length, and the class of a malformed packet. Not to
/// be read back.
[[nodiscard]] std::string packet_summary(const Packet& packet);

}  // namespace xdpgate
