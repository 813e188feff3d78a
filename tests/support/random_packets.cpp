// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/random_packets.h"

#include <algorithm>
#include <array>

namespace xdpgate::test {
namespace {

using V6 = std::array<std::uint16_t, 8>;

// Both sides of the edges of random_policy.cpp's prefixes and ranges.
constexpr std::uint32_t kV4[] = {
    0xc0000201, 0xc0000202, 0xc0000203, 0xc0000209, 0xc000020a, 0xc000027f,
    0xc0000280, 0xc00002fa, 0xc00002ff, 0xc0000300, 0xc6336400, 0xc6336407,
    0xc6336408, 0xc63364ff, 0xcb007107, 0xcb007108, 0xcb00710f, 0xcb007110,
    0x7fffffff, 0x80000000, 0x00000000, 0xffffffff, 0xc000024d};
constexpr V6 kV6[] = {
    {0x2001, 0xdb8, 0, 0, 0, 0, 0, 1},    {0x2001, 0xdb8, 0, 0, 0, 0, 0, 2},
    {0x2001, 0xdb8, 0, 0, 0, 0, 0, 5},    {0x2001, 0xdb8, 0, 0, 0, 0, 1, 9},
    {0x2001, 0xdb8, 0, 0, 0, 0, 1, 0xa},  {0x2001, 0xdb8, 0, 1, 0, 0, 0, 1},
    {0x2001, 0xdb8, 0, 2, 0, 0, 0, 1},    {0x2001, 0xdb8, 0x8000, 0, 0, 0, 0, 1},
    {0x2001, 0xdb7, 0xffff, 0, 0, 0, 0, 1}, {0x2001, 0xdb9, 0, 0, 0, 0, 0, 1},
    {0xfe80, 0, 0, 0, 0, 0, 0, 1},        {0xff02, 0, 0, 0, 0, 0, 0, 1},
    {0, 0, 0, 0, 0, 0, 0, 0},             {0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x77},
    {0x7fff, 1, 2, 3, 4, 5, 6, 7},        {0xffff, 0xffff, 0, 0, 0, 0, 0, 0}};
constexpr std::uint16_t kPorts[] = {80,   443,  22,   0,    65535, 79,  81,
                                    90,   91,   1023, 1024, 53,    999, 1000,
                                    2000, 2001, 5353, 8000, 8099,  8100};
constexpr std::uint8_t kUpper[] = {6,  6,  6,   6,  17, 17, 17, 1,  58,
                                   33, 50, 132, 136, 47, 0, 255, 1, 58};
constexpr std::uint8_t kExtensions[] = {0, 43, 60, 51, 135, 139, 140, 44};
constexpr std::uint8_t kTypes[] = {0, 3, 8, 1, 128, 129, 133, 134, 135, 137};
constexpr std::uint16_t kFlags[] = {0x02, 0x12, 0x10, 0x04, 0x14, 0x29,
                                    0x00, 0x11, 0xfff, 0x18, 0x01,
                                    0xc2, 0x202, 0x402, 0x802, 0x102};
constexpr std::uint16_t kVlans[] = {0, 4, 5, 99, 100, 101, 4095, 0x2005};
constexpr std::uint64_t kJumbo = 50;  // one in so many
constexpr std::uint8_t kTtls[] = {0, 1, 10, 11, 63, 64, 255};
constexpr std::uint8_t kTclasses[] = {0, 1, 2, 3, 0xb8, 0x28, 0x2b, 0xff, 0x04};

void put16(Bytes& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}
void put_v4(Bytes& bytes, std::size_t at, std::uint32_t address) {
  put16(bytes, at, address >> 16);
  put16(bytes, at + 2, address);
}
void put_v6(Bytes& bytes, std::size_t at, const V6& address) {
  for (std::size_t i = 0; i < 8; ++i) put16(bytes, at + 2 * i, address[i]);
}

}  // namespace

Bytes RandomPackets::next() {
  if (dice_.one_in(8)) return hostile_.next();
  Bytes frame = sound();
  if (dice_.one_in(8)) {
    frame[dice_.below(frame.size())] =
        static_cast<std::uint8_t>(dice_.below(256));
  }
  if (dice_.one_in(10)) frame.resize(dice_.below(frame.size() + 1));
  if (dice_.one_in(6)) frame = frame + zeros(dice_.below(30));  // padding
  return frame;
}

Bytes RandomPackets::sound() {
  switch (dice_.below(8)) {
    case 0:
      return link(dice_.pick<std::uint16_t>(
                 {0x0806, 0x88cc, 0x8864, 0x05dc, 0x0600})) +
             (dice_.one_in(kJumbo) ? data() : zeros(dice_.below(60)));
    case 1:
    case 2:
    case 3:
      return link(0x86dd) + ipv6_packet();
    default:
      return link(0x0800) + ipv4_packet();
  }
}

// The Ethernet header and up to five tags.
Bytes RandomPackets::link(std::uint16_t ethertype) {
  const std::uint64_t tags = dice_.one_in(3) ? dice_.between(1, 5) : 0;
  auto tpid = [&] {
    return dice_.pick<std::uint16_t>({0x8100, 0x88a8, 0x9100});
  };
  Bytes frame = ether(tags > 0 ? tpid() : ethertype);
  if (dice_.one_in(3)) frame[dice_.below(12)] ^= 1 << dice_.below(8);
  for (std::uint64_t i = 1; i <= tags; ++i) {
    frame = frame + tag(dice_.pick(kVlans), i < tags ? tpid() : ethertype);
  }
  return frame;
}

Bytes RandomPackets::ipv4_packet() {
  const std::uint8_t protocol = dice_.pick(kUpper);
  Ipv4 header{.protocol = protocol};
  header.tos = dice_.pick(kTclasses);
  if (dice_.one_in(6)) {
    header.ihl = static_cast<std::uint8_t>(dice_.between(6, 15));
  }
  if (dice_.one_in(5)) {
    header.fragment = dice_.pick<std::uint16_t>(
        {0x2000, 0x2001, 0x0001, 0x4000, 0x1fff, 0x8000});
  }
  if (dice_.one_in(20)) {
    header.total = static_cast<std::uint16_t>(dice_.below(80));
  }
  Bytes packet = ipv4(header, upper(protocol));
  packet[8] = dice_.pick(kTtls);
  put_v4(packet, 12, dice_.pick(kV4));
  put_v4(packet, 16, dice_.pick(kV4));
  return packet;
}

Bytes RandomPackets::ipv6_packet() {
  const std::uint8_t protocol = dice_.pick(kUpper);
  Bytes payload = upper(protocol);
  std::uint8_t next = protocol;
  const std::uint64_t count = dice_.one_in(2) ? dice_.below(10) : 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t kind = dice_.pick(kExtensions);
    Bytes header;
    if (kind == 44) {
      header = fragment(
          next, dice_.pick<std::uint16_t>({0, 0, 1, 8, 9, 0xfff8}));
    } else if (kind == 51) {
      const auto words = static_cast<std::uint8_t>(dice_.below(4));
      header = extension(next, words, (words + 2u) * 4);
    } else {
      // The long ones move headers behind the first buffer.
      const auto eights = static_cast<std::uint8_t>(
          dice_.one_in(kJumbo) ? dice_.between(200, 255) : dice_.below(3));
      header = extension(next, eights, (eights + 1u) * 8);
    }
    payload = header + payload;
    next = kind;
  }
  Ipv6 header{.next = next, .tclass = dice_.pick(kTclasses)};
  if (dice_.one_in(20)) {
    header.length = static_cast<std::uint16_t>(dice_.below(80));
  }
  Bytes packet = ipv6(header, payload);
  packet[7] = dice_.pick(kTtls);
  put_v6(packet, 8, dice_.pick(kV6));
  put_v6(packet, 24, dice_.pick(kV6));
  return packet;
}

Bytes RandomPackets::upper(std::uint8_t protocol) {
  Bytes header;
  switch (protocol) {
    case 6:
      header = tcp({.offset = static_cast<std::uint8_t>(
                        dice_.one_in(4) ? dice_.between(4, 15) : 5),
                    .flags = dice_.pick(kFlags)});
      break;
    case 17:
    case 136: {
      const std::uint64_t size = dice_.below(30);
      const auto length =
          dice_.one_in(10) ? dice_.below(60) : 8 + size;
      header = udp(static_cast<std::uint16_t>(length), size);
      break;
    }
    case 1:
    case 58:
      return icmp(dice_.pick(kTypes), static_cast<std::uint8_t>(dice_.below(6)),
                  dice_.below(24) + 2);
    case 33:
      header = dccp(static_cast<std::uint8_t>(dice_.below(8)),
                    dice_.below(30) + 10);
      break;
    case 132:
      header = ports_and_zeros(dice_.below(10) + 10);
      break;
    default:
      return zeros(dice_.below(24));
  }
  put16(header, 0, dice_.pick(kPorts));
  put16(header, 2, dice_.pick(kPorts));
  return header + data();
}

Bytes RandomPackets::data() {
  if (dice_.one_in(kJumbo)) {
    return Bytes(dice_.between(3'000, 9'000),
                 dice_.pick<std::uint8_t>({0x5a, 0xa5}));
  }
  Bytes bytes = zeros(dice_.below(24));
  if (dice_.one_in(4) && bytes.size() >= 19) {
    for (std::size_t i = 3; i < 19; ++i) {
      bytes[i] = static_cast<std::uint8_t>((i - 3) * 0x11);
    }
  }
  return bytes;
}

}  // namespace xdpgate::test
