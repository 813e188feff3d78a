// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/small_frames.h"

#include <algorithm>
#include <array>

#include "tests/support/frame_bytes.h"
#include "tests/support/parse_cases.h"

namespace xdpgate::test {
namespace {

// Values of one field, which lies `at` bytes into a frame.
struct Field {
  std::size_t at;
  std::vector<Bytes> values;
};

constexpr std::size_t kIp = 14;
constexpr std::size_t kUpper4 = 34;
constexpr std::size_t kUpper6 = 54;

const std::vector<Bytes> kPorts = {
    {0, 0},  {0, 7},    {0, 21},   {0, 22},   {0, 23},      {0, 53},
    {0, 54}, {3, 0xe7}, {3, 0xe8}, {3, 0xe9}, {0x14, 0xe9}, {0xff, 0xff}};
const std::vector<Bytes> kClasses4 = {{1}, {2}, {3}, {0xb4}, {0xb8}, {0xff}};
const std::vector<Bytes> kTtls = {{0}, {1}, {63}, {65}, {255}};
const std::vector<Bytes> kFlags = {{0x50, 0x00}, {0x50, 0x10}, {0x50, 0x12},
                                   {0x50, 0x04}, {0x5f, 0xff}, {0x50, 0x3f},
                                   {0x58, 0x02}, {0x51, 0x02}, {0x50, 0x82}};
const std::vector<Bytes> kTypes = {{0, 0}, {3, 1},   {8, 255}, {9, 0},
                                   {7, 0}, {135, 0}, {1, 0},   {255, 255}};

const std::vector<Field> kEtherFields = {
    {0,
     {{2, 0, 0, 0, 0, 0},
      {2, 0, 0, 0, 0, 3},
      {2, 0, 0, 0, 0, 4},
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}},
    {6, {{0, 0, 0, 0, 0, 0}, {2, 0, 0, 0, 0, 2}, {3, 0, 0, 0, 0, 1}}},
};
const std::vector<Field> kIpv4Fields = {
    {kIp + 1, kClasses4},
    {kIp + 6, {{0x20, 0}, {0, 1}, {0x1f, 0xff}, {0x40, 0}}},
    {kIp + 8, kTtls},
    {kIp + 9, {{0}, {16}, {17}, {58}, {59}, {255}}},
    {kIp + 12,
     {{0, 0, 0, 0},
      {192, 0, 2, 0},
      {192, 0, 2, 2},
      {192, 0, 2, 254},
      {192, 0, 2, 255},
      {192, 0, 3, 0},
      {198, 51, 100, 2},
      {255, 255, 255, 255}}},
    {kIp + 16,
     {{198, 51, 99, 255},
      {198, 51, 100, 0},
      {198, 51, 100, 3},
      {198, 51, 100, 4},
      {198, 51, 101, 0},
      {192, 0, 2, 1}}},
};
// Addresses: 2001:db8::, ::2, ::ffff, ::1:0, and the neighbours of the prefix.
const std::vector<Bytes> kAddresses6 = {
    {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
    {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
    {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0},
    {0x20, 1, 0xd, 0xb7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff},
    {0x20, 1, 0xd, 0xb9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
const std::vector<Field> kIpv6Fields = {
    {kIp, {{0x60, 0x30}, {0x6b, 0x80}, {0x6f, 0xf0}}},
    {kIp + 6, {{0}, {16}, {44}, {58}, {59}, {255}}},
    {kIp + 7, kTtls},
    {kIp + 8, kAddresses6},
    {kIp + 24, kAddresses6},
};

class Frames {
 public:
  std::vector<Bytes> all() {
    for (const ParseCase& row : parse_cases()) frames_.push_back(row.frame);
    const Bytes tcp4 = ether(0x0800) + ipv4({}, tcp());
    const Bytes tcp6 = ether(0x86dd) + ipv6({}, tcp());
    vary(tcp4, kEtherFields);
    vary(tcp4, kIpv4Fields);
    vary(tcp6, kIpv6Fields);
    for (auto [frame, at] : {std::pair(tcp4, kUpper4), {tcp6, kUpper6}}) {
      vary(frame, {{at, kPorts}, {at + 2, kPorts}, {at + 12, kFlags}});
    }
    vary(ether(0x0800) + ipv4({.protocol = 17}, udp(12, 4)),
         {{kUpper4, kPorts}, {kUpper4 + 2, kPorts}});
    vary(ether(0x0800) + ipv4({.protocol = 1}, icmp(8, 0)),
         {{kUpper4, kTypes}});
    vary(ether(0x86dd) + ipv6({.next = 58}, icmp(8, 0)), {{kUpper6, kTypes}});
    add_tags();
    add_data(tcp());
    return std::move(frames_);
  }

 private:
  // `frame` with each value of each field.
  void vary(const Bytes& frame, const std::vector<Field>& fields) {
    for (const auto& [at, values] : fields) {
      for (const Bytes& value : values) {
        frames_.push_back(frame);
        std::ranges::copy(
            value, frames_.back().begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  }

  void add_tags() {
    for (std::uint16_t id : {0, 4, 5, 6, 100, 101, 4095}) {
      frames_.push_back(ether(0x8100) + tag(id, 0x0800) + ipv4({}, tcp()));
      frames_.push_back(ether(0x88a8) + tag(5, 0x8100) + tag(id, 0x86dd) +
                        ipv6({}, tcp()));
    }
  }

  // Lengths around 40, 60 and 61, with data of zeros and others.
  void add_data(const Bytes& header) {
    for (std::size_t size : {1, 2, 3, 19, 20, 21}) {
      for (std::uint8_t byte : {0x00, 0xf0, 0x0f}) {
        const Bytes data = header + Bytes(size, byte);
        frames_.push_back(ether(0x0800) + ipv4({}, data));
        frames_.push_back(ether(0x86dd) + ipv6({}, data));
      }
    }
    frames_.push_back(ether(0x0800) + ipv4({.ihl = 6}, header) + zeros(2));
  }

  std::vector<Bytes> frames_;
};

}  // namespace

const std::vector<Packet>& small_packets() {
  static const std::vector<Bytes> frames = Frames().all();
  static const std::vector<Packet> packets = [] {
    const std::array<const char*, 3> interfaces = {"i0", "i1", "other"};
    std::vector<Packet> read;
    for (const Bytes& frame : frames) {
      read.push_back(dissect(frame, interfaces[read.size() % 3]));
    }
    return read;
  }();
  return packets;
}

}  // namespace xdpgate::test
