// SPDX-License-Identifier: GPL-2.0-only
// A packet as the contract reads it: every field that a rule can ask for, each
// present or absent. Made by dissect() for the evaluator and for explanations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "policy/policy.h"

namespace xdpgate {

enum class Fragment : std::uint8_t { kNone, kFirst, kLater };

/// An address of either family; IPv4 in the low 32 bits.
struct Address {
  Family family = Family::kIpv4;
  U128 value = 0;
  friend bool operator==(const Address&, const Address&) = default;
};

/// The fields of one packet. What the packet lacks is not set.
struct Packet {
  xg_class packet_class = XG_CLASS_OK;
  std::string interface;                       ///< ingress
  std::optional<std::uint64_t> src_mac, dst_mac;  ///< 48 bits
  std::optional<std::uint16_t> ethertype;
  std::optional<std::uint16_t> vlan, inner_vlan;  ///< 0..4095
  std::optional<Address> src, dst;
  std::optional<std::uint8_t> protocol;
  std::optional<std::uint16_t> src_port, dst_port;
  std::optional<std::uint16_t> tcp_flags;      ///< 12 bits
  std::optional<std::uint8_t> icmp_type, icmp_code;
  bool icmp_is_v6 = false;
  std::optional<std::uint8_t> ttl, dscp, ecn;
  std::optional<std::uint32_t> length;         ///< <= XG_LENGTH_MAX
  std::optional<Fragment> fragment;
  std::optional<bool> ip_options;
  /// Offsets in the frame, in bytes; l4 and data where a rule may look there.
  std::optional<std::uint32_t> ip_at, l4_at, data_at;
  /// Where those fields stand whose place does not follow from the above:
  /// for explanations. `fragment_at` is the 16 bits with the offset; not set
  /// where an IPv6 packet has no fragment header.
  std::optional<std::uint32_t> ethertype_at, protocol_at, fragment_at;
  std::uint32_t end = 0;  ///< end of the packet, without Ethernet padding
  std::span<const std::uint8_t> bytes;  ///< the frame; the caller keeps it
};

/// Reads `frame` (Ethernet, whole) that came in by `interface`. Never fails:
/// a packet that contradicts itself carries its class and what was read before
/// the contradiction. See docs/architecture.md, "How a packet is read".
[[nodiscard]] Packet dissect(std::span<const std::uint8_t> frame,
                             std::string interface);

}  // namespace xdpgate
