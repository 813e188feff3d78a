// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/frame_bytes.h"

namespace xdpgate::test {
namespace {

void put16(Bytes& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put(Bytes& bytes, std::size_t at, const Bytes& value) {
  for (std::size_t i = 0; i < value.size(); ++i) bytes[at + i] = value[i];
}

Bytes ports(std::uint16_t src, std::uint16_t dst, std::size_t size) {
  Bytes header(size);
  put16(header, 0, src);
  put16(header, 2, dst);
  return header;
}

}  // namespace

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes zeros(std::size_t count) { return Bytes(count); }

Bytes cut(Bytes frame, std::size_t count) {
  frame.resize(count);
  return frame;
}

Bytes ether(std::uint16_t ethertype) {
  Bytes header = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 0};
  put16(header, 12, ethertype);
  return header;
}

Bytes tag(std::uint16_t tci, std::uint16_t ethertype) {
  return ports(tci, ethertype, 4);
}

Bytes ipv4(const Ipv4& ip, const Bytes& payload) {
  const std::size_t size = ip.ihl < 5 ? 20 : ip.ihl * 4u;
  Bytes header(size);
  header[0] = static_cast<std::uint8_t>(ip.version << 4 | ip.ihl);
  header[1] = ip.tos;
  put16(header, 2, ip.total.value_or(size + payload.size()));
  put16(header, 6, ip.fragment);
  header[8] = 64;
  header[9] = ip.protocol;
  put(header, 12, {192, 0, 2, 1, 198, 51, 100, 2});
  return header + payload;
}

Bytes ipv6(const Ipv6& ip, const Bytes& payload) {
  Bytes header(40);
  put16(header, 0, ip.version << 12 | ip.tclass << 4);
  put16(header, 4, ip.length.value_or(payload.size()));
  header[6] = ip.next;
  header[7] = 64;
  put(header, 8, {0x20, 0x01, 0x0d, 0xb8});
  header[23] = 1;
  put(header, 24, {0x20, 0x01, 0x0d, 0xb8});
  header[39] = 2;
  return header + payload;
}

Bytes extension(std::uint8_t next, std::uint8_t length, std::size_t size) {
  Bytes header(size);
  header[0] = next;
  header[1] = length;
  return header;
}

Bytes fragment(std::uint8_t next, std::uint16_t word) {
  Bytes header = extension(next, 0, 8);
  put16(header, 2, word);
  return header;
}

Bytes tcp(const Tcp& tcp) {
  Bytes header = ports(1000, 22, tcp.offset < 5 ? 20 : tcp.offset * 4u);
  put16(header, 12, tcp.offset << 12 | tcp.flags);
  return header;
}

Bytes udp(std::uint16_t length, std::size_t data_bytes) {
  Bytes header = ports(5353, 53, 8);
  put16(header, 4, length);
  return header + zeros(data_bytes);
}

Bytes icmp(std::uint8_t type, std::uint8_t code, std::size_t size) {
  return extension(type, code, size);
}

Bytes ports_and_zeros(std::size_t size) { return ports(7, 9, size); }

Bytes dccp(std::uint8_t offset, std::size_t size) {
  Bytes header = ports(7, 9, size);
  header[4] = offset;
  return header;
}

}  // namespace xdpgate::test
