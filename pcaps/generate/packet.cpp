// SPDX-License-Identifier: GPL-2.0-only
#include "pcaps/generate/packet.h"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace xdpgate::pcaps {
namespace {

constexpr std::size_t kIpv4Bytes = 20;

void put16(Bytes& bytes, std::size_t at, std::uint32_t number) {
  bytes.at(at) = static_cast<std::uint8_t>(number >> 8);
  bytes.at(at + 1) = static_cast<std::uint8_t>(number);
}

// RFC 1071.
std::uint16_t internet_checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// The same over the pseudo header and `payload`.
std::uint16_t transport_checksum(const Path& path, std::uint8_t protocol,
                                 const Bytes& payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  const Bytes tail =
      path.from.v6 ? be32(size) + be32(protocol) : be16(protocol) + be16(size);
  return internet_checksum(path.from.bytes + path.to.bytes + tail + payload);
}

Bytes ipv4(const Path& path, std::uint8_t protocol, const Bytes& payload,
           const IpExtras& extras) {
  const std::size_t size = kIpv4Bytes + extras.options.size();
  const Bytes head = {static_cast<std::uint8_t>(0x40 | size / 4), path.tos};
  return with_checksum(
      head + be16(static_cast<std::uint32_t>(size + payload.size())) +
      be16(extras.id) + be16(extras.fragment) + Bytes{path.ttl, protocol} +
      be16(0) + path.from.bytes + path.to.bytes + extras.options + payload);
}

Bytes ipv6(const Path& path, std::uint8_t protocol, const Bytes& payload) {
  return be32(6u << 28 | path.tos << 20) +
         be16(static_cast<std::uint32_t>(payload.size())) +
         Bytes{protocol, path.ttl} + path.from.bytes + path.to.bytes + payload;
}

bool is_multicast(const Address& address) {
  return address.v6 ? address.bytes[0] == 0xff : address.bytes[0] >> 4 == 0xe;
}

// RFC 1112 and RFC 2464: which MAC a group has.
Mac multicast_mac(const Address& group) {
  const Bytes& b = group.bytes;
  if (group.v6) return {0x33, 0x33, b[12], b[13], b[14], b[15]};
  return {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[1] & 0x7f), b[2], b[3]};
}

Bytes parse(const char* text, bool v6) {
  Bytes bytes(v6 ? 16 : 4);
  if (inet_pton(v6 ? AF_INET6 : AF_INET, text, bytes.data()) == 1) return bytes;
  throw std::invalid_argument(text);
}

}  // namespace

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes text(std::string_view characters) {
  return {characters.begin(), characters.end()};
}

Bytes hex(std::string_view digits) {
  std::string wanted(digits);
  std::erase(wanted, ' ');
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < wanted.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(
        std::stoul(wanted.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Bytes be16(std::uint32_t number) {
  return {static_cast<std::uint8_t>(number >> 8),
          static_cast<std::uint8_t>(number)};
}

Bytes be32(std::uint32_t number) { return be16(number >> 16) + be16(number); }

Bytes cut(Bytes bytes, std::size_t count) {
  bytes.resize(std::min(count, bytes.size()));
  return bytes;
}

Bytes padded(Bytes bytes, std::size_t count) {
  bytes.resize(std::max(count, bytes.size()));
  return bytes;
}

Address::Address(const char* text)
    : v6(std::string_view(text).find(':') != std::string_view::npos),
      bytes(parse(text, v6)) {}

Address::Address(const std::string& text) : Address(text.c_str()) {}

Bytes tcp(const Path& path, const Tcp& header, const Bytes& data) {
  const std::size_t words = 5 + header.options.size() / 4;
  Bytes segment = be16(header.from) + be16(header.to) + be32(header.seq) +
                  be32(header.ack) +
                  be16(static_cast<std::uint32_t>(words << 12) | header.flags) +
                  be16(64240) + be32(0) + header.options + data;
  put16(segment, 16, transport_checksum(path, kTcp, segment));
  return segment;
}

Bytes udp(const Path& path, std::uint16_t from, std::uint16_t to,
          const Bytes& data, std::uint8_t protocol) {
  Bytes datagram = be16(from) + be16(to) +
                   be16(static_cast<std::uint32_t>(8 + data.size())) + be16(0) +
                   data;
  put16(datagram, 6, transport_checksum(path, protocol, datagram));
  return datagram;
}

Bytes icmp(const Path& path, std::uint8_t type, std::uint8_t code,
           const Bytes& rest) {
  Bytes message = Bytes{type, code, 0, 0} + rest;
  put16(message, 2,
        path.from.v6 ? transport_checksum(path, kIcmpv6, message)
                     : internet_checksum(message));
  return message;
}

Bytes ip(const Path& path, std::uint8_t protocol, const Bytes& payload,
         const IpExtras& extras) {
  return path.from.v6 ? ipv6(path, protocol, payload)
                      : ipv4(path, protocol, payload, extras);
}

Bytes with_checksum(Bytes ipv4_packet) {
  put16(ipv4_packet, 10, 0);
  const std::size_t size = std::size_t{4} * (ipv4_packet[0] & 15);
  put16(ipv4_packet, 10, internet_checksum(cut(ipv4_packet, size)));
  return ipv4_packet;
}

Bytes ether(const Mac& to, const Mac& from, std::uint16_t ethertype,
            const Bytes& payload) {
  return Bytes(to.begin(), to.end()) + Bytes(from.begin(), from.end()) +
         be16(ethertype) + payload;
}

Bytes tagged(const Bytes& frame, const std::vector<Tag>& tags) {
  Bytes result = cut(frame, 12);
  for (const Tag& tag : tags) result = result + be16(tag.tpid) + be16(tag.tci);
  return result + Bytes(frame.begin() + 12, frame.end());
}

Bytes frame(const Path& path, const Bytes& packet) {
  const bool out = is_ours(path.from);
  const Mac& from = out ? kServerMac : kRouterMac;
  const Mac& other = out ? kRouterMac : kServerMac;
  const Mac to = is_multicast(path.to) ? multicast_mac(path.to) : other;
  return ether(to, from, path.from.v6 ? 0x86dd : 0x0800, packet);
}

bool is_ours(const Address& address) {
  if (address == Address("fe80::10")) return true;
  const Bytes prefix =
      cut(Address(address.v6 ? "2001:db8:51::" : "198.51.100.0").bytes,
          address.v6 ? 6 : 3);
  return std::ranges::equal(prefix, cut(address.bytes, prefix.size()));
}

}  // namespace xdpgate::pcaps
