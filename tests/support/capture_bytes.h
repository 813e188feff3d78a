// SPDX-License-Identifier: GPL-2.0-only
// Captures byte by byte, in either byte order, so that any of their fields can
// be a lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "tests/support/frame_bytes.h"

namespace xdpgate::test {

/// Writes numbers in one byte order.
struct Order {
  bool big = false;

  [[nodiscard]] Bytes number(std::uint64_t value, std::size_t size) const {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
      bytes[big ? size - 1 - i : i] =
          static_cast<std::uint8_t>(value >> (8 * i));
    }
    return bytes;
  }
  [[nodiscard]] Bytes u16(std::uint64_t value) const {
    return number(value, 2);
  }
  [[nodiscard]] Bytes u32(std::uint64_t value) const {
    return number(value, 4);
  }
  [[nodiscard]] Bytes u64(std::uint64_t value) const {
    return number(value, 8);
  }
};
inline constexpr Order kLittle{false}, kBig{true};

// ---- classic pcap ----

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d;

struct PcapHead {
  Order order = kLittle;
  std::uint32_t magic = kMicroseconds;
  std::uint32_t snap = 262144;
  std::uint32_t link_type = 1;
};
inline Bytes pcap_head(const PcapHead& head = {}) {
  const Order& o = head.order;
  return o.u32(head.magic) + o.u16(2) + o.u16(4) + zeros(8) + o.u32(head.snap) +
         o.u32(head.link_type);
}

struct PcapTime {
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;  ///< in the unit of the head
};
/// `wire`: length on the wire; default: all of `data`.
inline Bytes pcap_record(const Bytes& data, const PcapTime& time = {},
                         std::optional<std::uint32_t> wire = {},
                         Order o = kLittle) {
  return o.u32(time.seconds) + o.u32(time.fraction) + o.u32(data.size()) +
         o.u32(wire.value_or(data.size())) + data;
}

// ---- pcapng ----

inline Bytes padded(Bytes data) {
  data.resize((data.size() + 3) / 4 * 4);
  return data;
}
inline Bytes block(std::uint32_t type, const Bytes& body, Order o = kLittle) {
  const auto length = body.size() + 12;
  return o.u32(type) + o.u32(length) + body + o.u32(length);
}
inline Bytes option(std::uint16_t code, const Bytes& value, Order o = kLittle) {
  return o.u16(code) + o.u16(value.size()) + padded(value);
}
inline Bytes comment(std::string_view text, Order o = kLittle) {
  return option(1, Bytes(text.begin(), text.end()), o) + zeros(4);
}

inline Bytes section(Order o = kLittle, const Bytes& options = {},
                     std::uint16_t version = 1) {
  return block(0x0a0d0d0a,
               o.u32(0x1a2b3c4d) + o.u16(version) + o.u16(0) +
                   o.u64(~std::uint64_t{0}) + options,
               o);
}
inline Bytes interface(std::uint16_t link_type = 1, std::uint32_t snap = 0,
                       const Bytes& options = {}, Order o = kLittle) {
  return block(1, o.u16(link_type) + o.u16(0) + o.u32(snap) + options, o);
}

struct NgPacket {
  std::uint32_t interface = 0;
  std::uint64_t ticks = 0;
  std::optional<std::uint32_t> wire = {};
  std::optional<std::uint32_t> captured = {};
  Bytes options = {};
};
inline Bytes packet(const Bytes& data, const NgPacket& p = {},
                    Order o = kLittle) {
  return block(6,
               o.u32(p.interface) + o.u32(p.ticks >> 32) + o.u32(p.ticks) +
                   o.u32(p.captured.value_or(data.size())) +
                   o.u32(p.wire.value_or(data.size())) + padded(data) +
                   p.options,
               o);
}
/// The obsolete kind.
inline Bytes old_packet(const Bytes& data, const NgPacket& p = {},
                        Order o = kLittle) {
  return block(2,
               o.u16(p.interface) + o.u16(0) + o.u32(p.ticks >> 32) +
                   o.u32(p.ticks) + o.u32(data.size()) +
                   o.u32(p.wire.value_or(data.size())) + padded(data),
               o);
}
inline Bytes simple_packet(const Bytes& data, std::uint32_t wire,
                           Order o = kLittle) {
  return block(3, o.u32(wire) + padded(data), o);
}

}  // namespace xdpgate::test
