// SPDX-License-Identifier: GPL-2.0-only
// The classic format: byte orders, units of time, snap lengths, link types,
// and everything that may be wrong with a file.
#include <gtest/gtest.h>

#include "tests/pcap/read_back.h"
#include "tests/support/capture_bytes.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

const Bytes kFrame = ether(0x0800) + ipv4({}, tcp());
const Bytes kArp = ether(0x0806) + zeros(28);

struct FormatCase {
  std::string name;
  Order order;
  std::uint32_t magic;
  std::string says;
};

class PcapFormat : public testing::TestWithParam<FormatCase> {};

TEST_P(PcapFormat, IsRead) {
  const auto& [name, order, magic, says] = GetParam();
  const auto read =
      read_bytes(pcap_head({.order = order, .magic = magic}) +
                 pcap_record(kFrame, {1'700'000'000, 123'456}, {}, order) +
                 pcap_record(kArp, {1'700'000'001, 999'999}, {}, order));
  EXPECT_EQ(text_of(read), says);
  ASSERT_EQ(read.frames.size(), 2u);
  EXPECT_EQ(read.frames[0].bytes, kFrame);
  EXPECT_EQ(read.frames[1].bytes, kArp);
}

const std::string kInMicroseconds =
    "1: 54/54 at 1700000000.123456000\n2: 42/42 at 1700000001.999999000\n";
const std::string kInNanoseconds =
    "1: 54/54 at 1700000000.000123456\n2: 42/42 at 1700000001.000999999\n";

INSTANTIATE_TEST_SUITE_P(
    Magic, PcapFormat,
    testing::Values(
        FormatCase{"us_little", kLittle, kMicroseconds, kInMicroseconds},
        FormatCase{"us_big", kBig, kMicroseconds, kInMicroseconds},
        FormatCase{"ns_little", kLittle, kNanoseconds, kInNanoseconds},
        FormatCase{"ns_big", kBig, kNanoseconds, kInNanoseconds}),
    [](const auto& info) { return info.param.name; });

TEST(Pcap, TimesUpTo2106) {
  EXPECT_EQ(
      text_of(read_bytes(pcap_head() + pcap_record(kArp, {0xffff'ffff, 1}))),
      "1: 42/42 at 4294967295.000001000\n");
}

TEST(Pcap, WithoutFramesIsSound) {
  EXPECT_EQ(text_of(read_bytes(pcap_head())), "");
}

// What was snapped is as long as on the wire, with zeros for what is lost.
TEST(Pcap, SnappedFramesArePadded) {
  const Bytes snapped = cut(kFrame, 30);
  const auto read =
      read_bytes(pcap_head({.snap = 30}) + pcap_record(snapped, {}, 1'500));
  EXPECT_EQ(text_of(read), "1: 30/1500 at 0.000000000\n");
  EXPECT_EQ(read.frames.at(0).bytes, snapped + zeros(1'470));
}

TEST(Pcap, AnySnapLengthIsRead) {
  for (std::uint32_t snap :
       {0u, 1u, 14u, 54u, 65535u, 262144u, 0x7fff'ffffu, 0xffff'ffffu}) {
    const Bytes kept = snap == 0 ? kFrame : cut(kFrame, std::min(snap, 54u));
    EXPECT_EQ(text_of(read_bytes(pcap_head({.snap = snap}) +
                                 pcap_record(kept, {}, 54))),
              fmt::format("1: {}/54 at 0.000000000\n", kept.size()))
        << snap;
  }
}

// A frame of no bytes is a frame; what to make of it is the policy's.
TEST(Pcap, EmptyFrameIsRead) {
  EXPECT_EQ(text_of(read_bytes(pcap_head() + pcap_record({}))),
            "1: 0/0 at 0.000000000\n");
}

TEST(Pcap, LongerCapturedThanOnTheWireIsAsLongAsCaptured) {
  EXPECT_EQ(text_of(read_bytes(pcap_head() + pcap_record(kArp, {}, 20))),
            "1: 42/42 at 0.000000000\n");
}

TEST(Pcap, LongestFrame) {
  EXPECT_EQ(
      text_of(read_bytes(pcap_head() + pcap_record(kArp, {}, kMaxFrameBytes))),
      "1: 42/262144 at 0.000000000\n");
  EXPECT_EQ(text_of(read_bytes(pcap_head() +
                               pcap_record(kArp, {}, kMaxFrameBytes + 1))),
            "read frame 1 of F: it claims 262145 bytes; the frames before it "
            "are sound\n");
}

// Cut at every byte: the frames before the cut, then an error that says where,
// unless the cut falls between records.
TEST(Pcap, TruncatedAtEveryByte) {
  const Bytes whole =
      pcap_head() + pcap_record(kArp) + pcap_record(kFrame, {}, 1'000);
  const std::size_t first_end = 24 + 16 + 42;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto read = read_bytes(cut(whole, size));
    const std::size_t frames = size < first_end ? 0 : 1;
    EXPECT_EQ(read.frames.size(), frames) << size;
    const bool between = size == 24 || size == first_end;
    EXPECT_EQ(read.error.empty(), between) << size << read.error;
    if (between || size < 24) continue;
    EXPECT_TRUE(read.error.starts_with(
        fmt::format("read frame {} of F: truncated", frames + 1)))
        << size << read.error;
  }
}

struct WrongCase {
  std::string name;
  Bytes bytes;
  std::string says;
};

class PcapWrong : public testing::TestWithParam<WrongCase> {};

TEST_P(PcapWrong, Says) {
  EXPECT_EQ(text_of(read_bytes(GetParam().bytes)), GetParam().says);
}

Bytes text_bytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

const std::string kFormats = "; pcap and pcapng files are read\n";
const std::string kLinkTypes =
    "; Ethernet, raw IP and Linux cooked captures are read\n";

INSTANTIATE_TEST_SUITE_P(
    File, PcapWrong,
    testing::Values(
        WrongCase{"empty", {}, "read F: it is empty" + kFormats},
        WrongCase{"a_policy", text_bytes("version: 1\nrules: []\n"),
                  "read F: it is no capture" + kFormats},
        WrongCase{"line_end_first", text_bytes("\nversion: 1\nrules: []\n"),
                  "read F: it is no capture" + kFormats},
        WrongCase{"zeros", zeros(1'000), "read F: it is no capture" + kFormats},
        WrongCase{"wifi", pcap_head({.link_type = 105}) + pcap_record(kArp),
                  "read F: its link type is IEEE802_11 (105)" + kLinkTypes},
        WrongCase{"bsd_loopback", pcap_head({.link_type = 0}),
                  "read F: its link type is NULL (0)" + kLinkTypes},
        WrongCase{"unassigned", pcap_head({.link_type = 9'999}),
                  "read F: its link type is 9999" + kLinkTypes}),
    [](const auto& info) { return info.param.name; });

TEST(Pcap, ThatCannotBeOpened) {
  const TempDir dir;
  EXPECT_EQ(text_of(read_path(dir.path() + "/none")),
            "read F: No such file or directory; a capture is a file, or - for "
            "standard input\n");
  EXPECT_EQ(text_of(read_path(dir.path())),
            "read F: Is a directory; a capture is a file, or - for standard "
            "input\n");
}

}  // namespace
}  // namespace xdpgate::test
