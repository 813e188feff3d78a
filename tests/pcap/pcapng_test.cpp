// SPDX-License-Identifier: GPL-2.0-only
// pcapng: sections, interfaces, byte orders, clocks, options, every kind of
// packet block, and everything that may be wrong with a file.
#include <gtest/gtest.h>

#include "tests/pcap/read_back.h"
#include "tests/support/capture_bytes.h"

namespace xdpgate::test {
namespace {

const Bytes kFrame = ether(0x0800) + ipv4({}, tcp());
const Bytes kArp = ether(0x0806) + zeros(28);
const Bytes kIp = ipv4({}, tcp());

TEST(Pcapng, BothByteOrders) {
  for (Order o : {kLittle, kBig}) {
    const auto read =
        read_bytes(section(o) + interface(1, 0, {}, o) +
                   packet(kFrame, {.ticks = 1'700'000'000'123'456}, o) +
                   packet(kArp, {.ticks = 5}, o));
    EXPECT_EQ(text_of(read),
              "1: 54/54 at 1700000000.123456000\n2: 42/42 at 0.000005000\n");
    ASSERT_EQ(read.frames.size(), 2u);
    EXPECT_EQ(read.frames[0].bytes, kFrame);
    EXPECT_EQ(read.frames[1].bytes, kArp);
  }
}

// mergecap and cat write such files; the second section has interfaces of its
// own.
TEST(Pcapng, SectionsOfDifferentByteOrder) {
  const auto read = read_bytes(section(kLittle) + interface() + packet(kFrame) +
                               section(kBig) + interface(101, 0, {}, kBig) +
                               packet(kIp, {.ticks = 7}, kBig) + section() +
                               interface() + packet(kArp));
  EXPECT_EQ(text_of(read),
            "1: 54/54 at 0.000000000\n2: 54/54 at 0.000007000\n"
            "3: 42/42 at 0.000000000\n");
  const Bytes ether_ip = zeros(12) + Bytes{8, 0};
  EXPECT_EQ(read.frames.at(1).bytes, ether_ip + kIp);
}

TEST(Pcapng, InterfacesOfDifferentLinkTypeSnapLengthAndClock) {
  const Bytes ns = option(9, {9}) + zeros(4);
  const auto read =
      read_bytes(section() + interface(1, 96) + interface(101, 65535, ns) +
                 packet(kFrame, {.ticks = 1'000'001}) + interface(113, 0) +
                 packet(kIp, {.interface = 1, .ticks = 1'000'001}) +
                 packet(kArp, {.ticks = 2'000'000}));
  EXPECT_EQ(text_of(read),
            "1: 54/54 at 1.000001000\n2: 54/54 at 0.001000001\n"
            "3: 42/42 at 2.000000000\n");
}

struct ClockCase {
  std::string name;
  Bytes options;
  std::uint64_t ticks;
  std::string time;
};

class PcapngClock : public testing::TestWithParam<ClockCase> {};

TEST_P(PcapngClock, IsRead) {
  EXPECT_EQ(text_of(read_bytes(section() + interface(1, 0, GetParam().options) +
                               packet(kArp, {.ticks = GetParam().ticks}))),
            "1: 42/42 at " + GetParam().time + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Resolution, PcapngClock,
    testing::Values(
        ClockCase{"default_us", {}, 1'500'000, "1.500000000"},
        ClockCase{"seconds", option(9, {0}), 7, "7.000000000"},
        ClockCase{"milliseconds", option(9, {3}), 7'001, "7.001000000"},
        ClockCase{"nanoseconds", option(9, {9}), 7'000'000'001, "7.000000001"},
        ClockCase{"picoseconds", option(9, {12}), 7'000'000'001'999,
                  "7.000000001"},
        ClockCase{"finest_decimal", option(9, {19}),
                  15'000'000'000'000'000'000ull, "1.500000000"},
        ClockCase{"binary", option(9, {0x8a}), 1'536, "1.500000000"},
        ClockCase{"finest_binary", option(9, {0x80 | 63}), 3ull << 62,
                  "1.500000000"},
        ClockCase{"offset", option(14, kLittle.u64(1'700'000'000)), 1,
                  "1700000000.000001000"},
        ClockCase{"offset_below_zero",
                  option(9, {0}) + option(14, kLittle.u64(~0ull)), 5,
                  "4.000000000"},
        ClockCase{"among_other_options",
                  option(2, {'e', 't', 'h', '0', 0}) + option(9, {9}) +
                      option(12, {'L', 'i', 'n', 'u', 'x'}) + zeros(4),
                  1, "0.000000001"},
        ClockCase{"behind_the_end_of_options", zeros(4) + option(9, {9}), 1,
                  "0.000001000"}),
    [](const auto& info) { return info.param.name; });

TEST(Pcapng, OptionsAndOtherBlocksAreSkipped) {
  const auto read = read_bytes(
      section(kLittle, comment("a section")) + block(0x0bad, zeros(40)) +
      interface(1, 0, comment("an interface")) + block(4, zeros(8)) +
      packet(kArp, {.options = comment("drop by `x`")}) + block(5, zeros(20)) +
      packet(kFrame) + block(0x8000'0001, {}));
  EXPECT_EQ(text_of(read),
            "1: 42/42 at 0.000000000\n2: 54/54 at 0.000000000\n");
}

TEST(Pcapng, SnappedFramesArePadded) {
  const Bytes snapped = cut(kFrame, 31);  // not a multiple of 4
  const auto read = read_bytes(section() + interface(1, 31) +
                               packet(snapped, {.wire = 1'500}) +
                               simple_packet(snapped, 1'400) +
                               old_packet(snapped, {.ticks = 3, .wire = 60}));
  EXPECT_EQ(text_of(read),
            "1: 31/1500 at 0.000000000\n2: 31/1400 at 0.000000000\n"
            "3: 31/60 at 0.000003000\n");
  for (const Frame& frame : read.frames) {
    EXPECT_EQ(frame.bytes, snapped + zeros(frame.bytes.size() - 31));
  }
}

TEST(Pcapng, SimplePacketWithoutSnapLengthIsWhole) {
  EXPECT_EQ(
      text_of(read_bytes(section() + interface() + simple_packet(kFrame, 54))),
      "1: 54/54 at 0.000000000\n");
}

// Cut at every byte: the frames before the cut, then an error, unless the cut
// falls between blocks.
TEST(Pcapng, TruncatedAtEveryByte) {
  for (Order o : {kLittle, kBig}) {
    const Bytes head = section(o) + interface(1, 0, {}, o);
    const Bytes first = head + packet(kArp, {}, o);
    const Bytes whole = first + packet(kFrame, {}, o);
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const auto read = read_bytes(cut(whole, size));
      EXPECT_EQ(read.frames.size(), size < first.size() ? 0u : 1u) << size;
      const bool between = size == section(o).size() || size == head.size() ||
                           size == first.size();
      EXPECT_EQ(read.error.empty(), between) << size << read.error;
      if (between) continue;
      EXPECT_NE(read.error.find("the file ends inside a block"),
                std::string::npos)
          << size << read.error;
    }
  }
}

struct WrongCase {
  std::string name;
  Bytes bytes;
  std::string says;  ///< behind the one frame that is sound
};

class PcapngWrong : public testing::TestWithParam<WrongCase> {};

TEST_P(PcapngWrong, Says) {
  const auto read =
      read_bytes(section() + interface() + packet(kArp) + GetParam().bytes);
  EXPECT_EQ(text_of(read),
            "1: 42/42 at 0.000000000\nread frame 2 of F: " + GetParam().says +
                (GetParam().says.find(';') == std::string::npos
                     ? "; the frames before it are sound\n"
                     : "\n"));
}

Bytes with_length(Bytes bytes, std::uint32_t length) {
  const Bytes field = kLittle.u32(length);
  std::copy(field.begin(), field.end(), bytes.begin() + 4);
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Block, PcapngWrong,
    testing::Values(
        WrongCase{"length_zero", with_length(packet(kArp), 0),
                  "a block says it has 0 bytes"},
        WrongCase{"length_below_head", with_length(packet(kArp), 8),
                  "a block says it has 8 bytes"},
        WrongCase{"length_odd", with_length(packet(kArp), 77),
                  "a block says it has 77 bytes"},
        WrongCase{"length_huge", with_length(packet(kArp), 0xffff'fffc),
                  "a block says it has 4294967292 bytes"},
        WrongCase{"length_beyond_file", with_length(packet(kArp), 1 << 20),
                  "the file ends inside a block"},
        WrongCase{"lengths_differ",
                  with_length(block(0x0bad, zeros(40)), 48) + zeros(100),
                  "the two lengths of a block differ"},
        WrongCase{"section_without_magic", block(0x0a0d0d0a, zeros(16)),
                  "a section has no byte-order magic"},
        WrongCase{"section_too_short",
                  block(0x0a0d0d0a, kLittle.u32(0x1a2b3c4d) + zeros(4)),
                  "the block of a section is too short"},
        WrongCase{"section_of_version_2", section(kLittle, {}, 2),
                  "it is pcapng 2"},
        WrongCase{"interface_too_short", block(1, zeros(4)),
                  "the block of an interface is too short"},
        WrongCase{"interface_option_too_long",
                  interface(1, 0, kLittle.u16(9) + kLittle.u16(40)),
                  "an option of an interface is longer than its block"},
        WrongCase{"clock_too_fine", interface(1, 0, option(9, {20})),
                  "an interface's clock is too fine"},
        WrongCase{"time_out_of_range",
                  interface(1, 0, option(9, {0})) +
                      packet(kArp, {.interface = 1, .ticks = ~0ull}),
                  "its time is out of range"},
        WrongCase{"packet_too_short", block(6, zeros(16)),
                  "its block is too short"},
        WrongCase{"packet_longer_than_block", packet(kArp, {.captured = 45}),
                  "it is longer than its block"},
        WrongCase{"packet_claims_too_much",
                  packet(kArp, {.wire = kMaxFrameBytes + 1}),
                  "it claims 262145 bytes"},
        WrongCase{"interface_not_described", packet(kArp, {.interface = 1}),
                  "it is of interface 1, which is not described"},
        WrongCase{"interface_of_the_last_section", section() + packet(kArp),
                  "it is of interface 0, which is not described"},
        WrongCase{"simple_packet_too_short", block(3, {}),
                  "its block is too short"},
        WrongCase{"simple_packet_longer_than_block", simple_packet(kArp, 1'000),
                  "it is longer than its block"},
        WrongCase{"link_type", interface(105) + packet(kArp, {.interface = 1}),
                  "its link type is IEEE802_11 (105); Ethernet, raw IP and "
                  "Linux cooked captures are read"}),
    [](const auto& info) { return info.param.name; });

// An interface that nothing came in by may be of any kind.
TEST(Pcapng, UnusedInterfaceMayBeOfAnyLinkType) {
  EXPECT_EQ(text_of(read_bytes(section() + interface(105) + interface() +
                               packet(kArp, {.interface = 1}))),
            "1: 42/42 at 0.000000000\n");
}

}  // namespace
}  // namespace xdpgate::test
