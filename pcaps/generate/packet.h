// SPDX-License-Identifier: GPL-2.0-only
// Packets as a host sends them: right lengths and checksums unless a caller
// bends them. Layers are functions from payload to packet:
// frame(path, ip(path, kTcp, tcp(path, {...}, data))).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xdpgate::pcaps {

using Bytes = std::vector<std::uint8_t>;

[[nodiscard]] Bytes operator+(Bytes left, const Bytes& right);
[[nodiscard]] Bytes text(std::string_view characters);
/// "0800" -> two bytes; blanks are left out.
[[nodiscard]] Bytes hex(std::string_view digits);
[[nodiscard]] Bytes be16(std::uint32_t number);
[[nodiscard]] Bytes be32(std::uint32_t number);
/// `bytes` without all behind its first `count`.
[[nodiscard]] Bytes cut(Bytes bytes, std::size_t count);
/// `bytes` with zeros behind, `count` in all; longer ones as they are.
[[nodiscard]] Bytes padded(Bytes bytes, std::size_t count);

/// An IPv4 or IPv6 address; made from its text.
struct Address {
  bool v6 = false;
  Bytes bytes;                       ///< 4 or 16
  Address(const char* text);         // NOLINT(google-explicit-constructor)
  Address(const std::string& text);  // NOLINT(google-explicit-constructor)
  friend bool operator==(const Address&, const Address&) = default;
};

/// Who sends to whom; both of one family.
struct Path {
  Address from, to;
  std::uint8_t ttl = 64;
  std::uint8_t tos = 0;  ///< traffic class in IPv6

  [[nodiscard]] Path back() const { return {to, from, 64, tos}; }
};

enum Protocol : std::uint8_t {
  kHopByHop = 0,
  kIcmp = 1,
  kIgmp = 2,
  kTcp = 6,
  kUdp = 17,
  kDccp = 33,
  kRouting = 43,
  kFragment = 44,
  kEsp = 50,
  kAh = 51,
  kIcmpv6 = 58,
  kDestination = 60,
  kGre = 47,
  kSctp = 132,
  kUdpLite = 136,
};

enum TcpFlag : std::uint16_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
  kUrg = 0x20,
};

struct Tcp {
  std::uint16_t from = 0, to = 0;
  std::uint16_t flags = kSyn;
  std::uint32_t seq = 0, ack = 0;
  Bytes options = {};  ///< a multiple of four bytes
};
[[nodiscard]] Bytes tcp(const Path& path, const Tcp& header,
                        const Bytes& data = {});

/// Also UDP-Lite, whose checksum over all bytes is the same.
[[nodiscard]] Bytes udp(const Path& path, std::uint16_t from, std::uint16_t to,
                        const Bytes& data = {}, std::uint8_t protocol = kUdp);

/// ICMP or ICMPv6 by the path's family; `rest` is all behind the checksum, at
/// least four bytes.
[[nodiscard]] Bytes icmp(const Path& path, std::uint8_t type, std::uint8_t code,
                         const Bytes& rest);

/// The IP header of the path's family before `payload`; `options` (IPv4 only)
/// a multiple of four bytes, `fragment` (IPv4 only) flags and offset as on the
/// wire.
struct IpExtras {
  Bytes options = {};
  std::uint16_t fragment = 0;
  std::uint16_t id = 0;
};
[[nodiscard]] Bytes ip(const Path& path, std::uint8_t protocol,
                       const Bytes& payload, const IpExtras& extras = {});
/// Writes the checksum of an IPv4 header anew, after its fields were bent.
[[nodiscard]] Bytes with_checksum(Bytes ipv4_packet);

using Mac = std::array<std::uint8_t, 6>;
/// Of RFC 9542's range for documentation.
constexpr Mac kRouterMac = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01};
constexpr Mac kServerMac = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x02};
constexpr Mac kBroadcastMac = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

[[nodiscard]] Bytes ether(const Mac& to, const Mac& from,
                          std::uint16_t ethertype, const Bytes& payload = {});
/// Puts VLAN tags behind the MACs, the outermost first: {TPID, TCI} each.
struct Tag {
  std::uint16_t tpid, tci;
};
[[nodiscard]] Bytes tagged(const Bytes& frame, const std::vector<Tag>& tags);
/// `packet` on the link between router and server, in the direction that the
/// path has: our own addresses are behind the server's MAC. Multicast goes to
/// its MAC.
[[nodiscard]] Bytes frame(const Path& path, const Bytes& packet);

/// Whether `address` is one of ours: 198.51.100.0/24, 2001:db8:51::/48, or the
/// server's link-local fe80::10.
[[nodiscard]] bool is_ours(const Address& address);

}  // namespace xdpgate::pcaps
