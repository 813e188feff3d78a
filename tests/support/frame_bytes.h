// SPDX-License-Identifier: GPL-2.0-only
// Frames from headers written one by one: ether(..) + ipv4({..}, tcp({..})).
// Every field that a header announces can be set to a lie. Addresses are from
// the documentation ranges, checksums are 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace xdpgate::test {

using Bytes = std::vector<std::uint8_t>;

/// One after the other.
[[nodiscard]] Bytes operator+(Bytes left, const Bytes& right);
[[nodiscard]] Bytes zeros(std::size_t count);
/// `frame` without all behind its first `count` bytes.
[[nodiscard]] Bytes cut(Bytes frame, std::size_t count);

/// Ethernet header, 02:00:00:00:00:01 to 02:00:00:00:00:02.
[[nodiscard]] Bytes ether(std::uint16_t ethertype);
/// The part of a VLAN tag behind its ethertype.
[[nodiscard]] Bytes tag(std::uint16_t tci, std::uint16_t ethertype);

/// 192.0.2.1 to 198.51.100.2, TTL 64.
struct Ipv4 {
  std::uint8_t protocol = 6;
  std::uint8_t version = 4;
  std::uint8_t ihl = 5;          ///< words; options are zeros
  std::uint8_t tos = 0;
  std::uint16_t fragment = 0;    ///< flags and offset as on the wire
  std::optional<std::uint16_t> total = {};  ///< default: the truth
};
[[nodiscard]] Bytes ipv4(const Ipv4& header, const Bytes& payload = {});

/// 2001:db8::1 to 2001:db8::2, hop limit 64.
struct Ipv6 {
  std::uint8_t next = 6;
  std::uint8_t version = 6;
  std::uint8_t tclass = 0;
  /// Of the payload; default: the truth.
  std::optional<std::uint16_t> length = {};
};
[[nodiscard]] Bytes ipv6(const Ipv6& header, const Bytes& payload = {});
/// An extension header of `size` bytes whose length field is `length`.
[[nodiscard]] Bytes extension(std::uint8_t next, std::uint8_t length,
                              std::size_t size);
/// An IPv6 fragment header; `word` is offset and M as on the wire.
[[nodiscard]] Bytes fragment(std::uint8_t next, std::uint16_t word);

/// Ports 1000 to 22.
struct Tcp {
  std::uint8_t offset = 5;       ///< words; options are zeros
  std::uint16_t flags = 0x002;   ///< 12 bits
};
[[nodiscard]] Bytes tcp(const Tcp& header = {});
/// Ports 5353 to 53; `data_bytes` of zeros.
[[nodiscard]] Bytes udp(std::uint16_t length, std::size_t data_bytes = 0);
[[nodiscard]] Bytes icmp(std::uint8_t type, std::uint8_t code,
                         std::size_t size = 8);
/// Ports 7 to 9 and zeros: SCTP, or anything that begins with ports.
[[nodiscard]] Bytes ports_and_zeros(std::size_t size);
/// DCCP, ports 7 to 9, with a data offset in words.
[[nodiscard]] Bytes dccp(std::uint8_t offset, std::size_t size);

}  // namespace xdpgate::test
