// SPDX-License-Identifier: GPL-2.0-only
// Where the parts of a packet will lie in its frame. Known from the spec
// alone, before any byte is written: what wants a byte at a place can find out
// which field that is.
#pragma once

#include <cstdint>
#include <optional>

#include "packet/packet_spec.h"

namespace xdpgate {

/// Offsets from the start of the frame, in bytes.
struct FrameLayout {
  std::uint32_t network_at = 0;  ///< behind Ethernet header and tags
  /// Set as in Packet: where a rule may look there.
  std::optional<std::uint32_t> ip_at, l4_at, data_at;
  std::uint32_t fragment_at = 0;  ///< IPv6 fragment header; 0: none
  std::uint32_t upper_at = 0;     ///< behind the IP headers
  std::uint32_t body_at = 0;      ///< where PacketSpec::data goes
  std::uint32_t end = 0;          ///< size of the frame
};

/// The layout of the frame that build_frame(spec) makes.
[[nodiscard]] FrameLayout layout_of(const PacketSpec& spec);

/// The smallest IP total length that holds the headers and the data of `spec`.
[[nodiscard]] std::uint32_t min_length(const PacketSpec& spec);
/// The largest: 131071 for IPv4 (a total length of 0), 65575 for IPv6.
[[nodiscard]] std::uint32_t max_length(const PacketSpec& spec);

/// Bytes of a frame.
struct FrameField {
  std::uint32_t at = 0;
  std::uint32_t bytes = 0;
};
/// The checksum of the upper layer, where build_frame() writes one.
[[nodiscard]] std::optional<FrameField> upper_checksum(
    const PacketSpec& spec, const FrameLayout& layout);

/// Whether the reader knows a header of `protocol` that carries ports.
[[nodiscard]] bool has_ports(std::uint32_t protocol);
/// Whether it is ICMP in IPv4 or ICMPv6 in IPv6.
[[nodiscard]] bool is_icmp(const PacketSpec& spec);
/// Bytes of an extension header.
[[nodiscard]] std::uint32_t extension_bytes(const Extension& extension);
/// Where the bytes of a patch begin; nothing where the frame lacks the base.
[[nodiscard]] std::optional<std::uint32_t> base_at(const FrameLayout& layout,
                                                   PayloadBase base);

}  // namespace xdpgate
