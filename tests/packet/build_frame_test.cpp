// SPDX-License-Identifier: GPL-2.0-only
// What the reader of packets finds in built frames, and that their checksums
// are right.
#include "packet/build_frame.h"

#include <gtest/gtest.h>

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "engine/parse_frame.h"
#include "packet/checksum.h"
#include "packet/frame_layout.h"
#include "tests/support/key_text.h"

namespace xdpgate {
namespace {

using S = PacketSpec;

struct Row {
  std::string name;
  PacketSpec spec;
  std::string expect;  ///< test::key_text() behind the addresses
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

PacketSpec of(Family family, auto change) {
  PacketSpec spec = default_spec(family);
  change(spec);
  return spec;
}
PacketSpec v4(auto change) { return of(Family::kIpv4, change); }
PacketSpec v6(auto change) { return of(Family::kIpv6, change); }

std::vector<Row> link_rows() {
  return {
      {"Arp", v4([](S& s) { s.ethertype = 0x0806; }),
       "ok eth=0806 | end=42"},
      {"ArpWithData", v4([](S& s) {
         s.ethertype = 0x0806;
         s.data = {1, 2};
       }),
       "ok eth=0806 | end=16"},
      {"Lldp", v4([](S& s) { s.ethertype = 0x88cc; }), "ok eth=88cc | end=14"},
      {"TagAndPriority", v4([](S& s) {
         s.ethertype = 0x88cc;
         s.tags = {{0x8100, 0x6005}};
       }),
       "ok vlan=5 eth=88cc | end=18"},
      {"FourTags", v4([](S& s) {
         s.ethertype = 0x88cc;
         s.tags = {{0x88a8, 5}, {0x8100, 7}, {0x9100, 8}, {0x8100, 9}};
       }),
       "ok vlan=5 inner=7 eth=88cc | end=30"},
      {"FifthTagIsLeftOut", v4([](S& s) {
         s.ethertype = 0x88cc;
         s.tags.resize(5);
       }),
       "ok vlan=0 inner=0 eth=88cc | end=30"},
  };
}

constexpr const char* kV4 = "ok eth=0800 v4 192.0.2.1>198.51.100.1 ";

std::vector<Row> ipv4_rows() {
  return {
      {"Default", v4([](S&) {}),
       "ttl=64 tos=0 len=40 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=54"},
      {"TtlDscpEcn", v4([](S& s) {
         s.ttl = 3;
         s.dscp = 46;
         s.ecn = 1;
         s.protocol = 47;
       }),
       "ttl=3 tos=b9 len=20 proto=47 | ip=14 l4=34 end=34"},
      {"Options", v4([](S& s) {
         s.option_words = 10;
         s.protocol = 17;
       }),
       "ttl=64 tos=0 len=68 options proto=17 ports=40000>80"
       " | ip=14 l4=74 data=82 end=82"},
      {"First", v4([](S& s) {
         s.fragment = Fragment::kFirst;
         s.protocol = 17;
         s.data.resize(16);
       }),
       "ttl=64 tos=0 len=44 first proto=17 ports=40000>80"
       " | ip=14 l4=34 data=42 end=58"},
      {"Later", v4([](S& s) {
         s.fragment = Fragment::kLater;
         s.data.resize(3);
       }),
       "ttl=64 tos=0 len=23 later proto=6 | ip=14 end=37"},
      {"LengthPads", v4([](S& s) { s.length = 1400; }),
       "ttl=64 tos=0 len=1400 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=1414"},
      {"LengthTooSmallIsRaised", v4([](S& s) { s.length = 39; }),
       "ttl=64 tos=0 len=40 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=54"},
      {"LengthBeyond16Bits", v4([](S& s) { s.length = 0x1ffff; }),
       "ttl=64 tos=0 len=131071 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=131085"},
      {"UdpBeyond16Bits", v4([](S& s) {
         s.length = 70000;
         s.protocol = 17;
       }),
       "ttl=64 tos=0 len=70000 proto=17 ports=40000>80"
       " | ip=14 l4=34 data=42 end=70014"},
      {"Icmp", v4([](S& s) {
         s.protocol = 1;
         s.icmp_type = 3;
         s.icmp_code = 4;
       }),
       "ttl=64 tos=0 len=28 proto=1 icmp=3:4 | ip=14 l4=34 data=42 end=42"},
      {"Icmpv6InIpv4", v4([](S& s) { s.protocol = 58; }),
       "ttl=64 tos=0 len=20 proto=58 | ip=14 l4=34 end=34"},
      {"TcpOptions", v4([](S& s) {
         s.header_words = 15;
         s.tcp_flags = 0xfff;
         s.data = {1};
       }),
       "ttl=64 tos=0 len=81 proto=6 ports=40000>80 tcp=fff"
       " | ip=14 l4=34 data=94 end=95"},
      {"Sctp", v4([](S& s) { s.protocol = 132; }),
       "ttl=64 tos=0 len=32 proto=132 ports=40000>80"
       " | ip=14 l4=34 data=46 end=46"},
      {"Dccp", v4([](S& s) {
         s.protocol = 33;
         s.header_words = 4;
       }),
       "ttl=64 tos=0 len=36 proto=33 ports=40000>80"
       " | ip=14 l4=34 data=50 end=50"},
      {"UdpLite", v4([](S& s) { s.protocol = 136; }),
       "ttl=64 tos=0 len=28 proto=136 ports=40000>80"
       " | ip=14 l4=34 data=42 end=42"},
      {"PatchMakesTheFrameLonger", v4([](S& s) {
         s.patches = {{PayloadBase::kData, 3, {1, 2}}};
       }),
       "ttl=64 tos=0 len=45 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=59"},
      {"PatchBeyondALengthIsCut", v4([](S& s) {
         s.length = 41;
         s.patches = {{PayloadBase::kData, 0, {1, 2}}};
       }),
       "ttl=64 tos=0 len=41 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=55"},
      {"PatchOfAField", v4([](S& s) {
         s.patches = {{PayloadBase::kIp, 8, {9}}};
       }),
       "ttl=9 tos=0 len=40 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=34 data=54 end=54"},
  };
}

constexpr const char* kV6 = "ok eth=86dd v6 2001:db8::1>2001:db8::2 ";

std::vector<Row> ipv6_rows() {
  return {
      {"Default", v6([](S&) {}),
       "ttl=64 tos=0 len=60 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=54 data=74 end=74"},
      {"TrafficClass", v6([](S& s) {
         s.dscp = 63;
         s.ecn = 2;
         s.protocol = 59;
       }),
       "ttl=64 tos=fe len=40 proto=59 | ip=14 l4=54 end=54"},
      {"Options", v6([](S& s) {
         add_ip_options(s);
         s.protocol = 17;
       }),
       "ttl=64 tos=0 len=56 options proto=17 ports=40000>80"
       " | ip=14 l4=62 data=70 end=70"},
      {"AllExtensions", v6([](S& s) {
         s.extensions = {{0, 1},  {43, 0},  {60, 2}, {51, 4},
                         {44, 0}, {139, 0}, {140, 1}};
         s.protocol = 17;
       }),
       "ttl=64 tos=0 len=152 options proto=17 ports=40000>80"
       " | ip=14 l4=158 data=166 end=166"},
      {"LongestOptions", v6([](S& s) {
         s.extensions = {{60, 255}};
         s.protocol = 59;
       }),
       "ttl=64 tos=0 len=2088 options proto=59 | ip=14 l4=2102 end=2102"},
      {"First", v6([](S& s) { s.fragment = Fragment::kFirst; }),
       "ttl=64 tos=0 len=68 options first proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=62 data=82 end=82"},
      {"Later", v6([](S& s) {
         s.fragment = Fragment::kLater;
         s.data = {1, 2};
       }),
       "ttl=64 tos=0 len=50 options later proto=6 | ip=14 end=64"},
      {"LaterWithoutProtocol", v6([](S& s) {
         s.fragment = Fragment::kLater;
         s.protocol = 60;
       }),
       "ttl=64 tos=0 len=48 options later | ip=14 end=62"},
      {"Icmpv6", v6([](S& s) { s.protocol = 58; }),
       "ttl=64 tos=0 len=48 proto=58 icmp6=128:0"
       " | ip=14 l4=54 data=62 end=62"},
      {"HalfAHeaderOfIcmpv6", v6([](S& s) {
         s.protocol = 58;
         s.length = 44;
       }),
       "ttl=64 tos=0 len=44 proto=58 icmp6=128:0 | ip=14 l4=54 end=58"},
      {"IcmpInIpv6", v6([](S& s) { s.protocol = 1; }),
       "ttl=64 tos=0 len=40 proto=1 | ip=14 l4=54 end=54"},
      {"LongestPacket", v6([](S& s) { s.length = 70000; }),
       "ttl=64 tos=0 len=65575 proto=6 ports=40000>80 tcp=002"
       " | ip=14 l4=54 data=74 end=65589"},
  };
}

class BuildFrame : public testing::TestWithParam<Row> {};

TEST_P(BuildFrame, IsReadAsSaid) {
  const auto frame = build_frame(GetParam().spec);
  EXPECT_EQ(frame.size(), layout_of(GetParam().spec).end);
  EXPECT_EQ(test::key_text(parse_frame(frame)), GetParam().expect);
}

std::vector<Row> with_prefix(const char* prefix, std::vector<Row> rows) {
  for (Row& row : rows) row.expect = prefix + row.expect;
  return rows;
}
std::string name_of(const testing::TestParamInfo<Row>& row) {
  return row.param.name;
}

INSTANTIATE_TEST_SUITE_P(Link, BuildFrame, testing::ValuesIn(link_rows()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Ipv4, BuildFrame,
                         testing::ValuesIn(with_prefix(kV4, ipv4_rows())),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Ipv6, BuildFrame,
                         testing::ValuesIn(with_prefix(kV6, ipv6_rows())),
                         name_of);

// Added up with its checksum, a sound header gives nothing but ones. Written
// out here, apart from ctl/packet/checksum.cpp.
std::uint32_t folded(std::span<const std::uint8_t> bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

std::uint32_t upper_sum(const PacketSpec& spec) {
  const auto frame = build_frame(spec);
  const FrameLayout layout = layout_of(spec);
  const std::span<const std::uint8_t> all(frame);
  const bool v4 = spec.ethertype == kEtherIpv4;
  const bool pseudo = !(v4 && spec.protocol == 1);
  const std::uint32_t bytes = layout.end - layout.upper_at;
  const std::uint32_t sum = pseudo ? spec.protocol + bytes : 0;
  const auto addresses =
      all.subspan(layout.network_at + (v4 ? 12 : 8), v4 ? 8 : 32);
  return folded(all.subspan(layout.upper_at),
                pseudo ? folded(addresses, sum) : 0);
}

TEST(Checksums, OfIpv4HeadersAreRight) {
  for (std::uint8_t words : {0, 1, 10}) {
    const auto frame = build_frame(v4([&](S& s) { s.option_words = words; }));
    EXPECT_EQ(folded(std::span(frame).subspan(14, 20 + 4 * words), 0), 0xffffu);
  }
}

TEST(Checksums, OfUpperLayersAreRight) {
  for (Family family : {Family::kIpv4, Family::kIpv6}) {
    const std::uint8_t icmp = family == Family::kIpv4 ? 1 : 58;
    for (std::uint8_t protocol : {std::uint8_t{6}, std::uint8_t{17},
                                  std::uint8_t{33}, std::uint8_t{136}, icmp}) {
      for (std::size_t bytes : {0, 1, 2, 33}) {
        SCOPED_TRACE(testing::Message() << int{protocol} << " " << bytes);
        EXPECT_EQ(upper_sum(of(family, [&](S& s) {
          s.protocol = protocol;
          s.data.assign(bytes, 0xa5);
          if (family == Family::kIpv6) add_ip_options(s);
        })), 0xffffu);
      }
    }
  }
}

// The sum that would be 0 is sent as all ones.
TEST(Checksums, UdpsIsNeverZero) {
  auto spec = v4([](S& s) {
    s.protocol = 17;
    s.data = {0, 0};
  });
  const auto frame = build_frame(spec);
  const std::size_t at = layout_of(spec).upper_at + 6;
  spec.data = {frame[at], frame[at + 1]};
  const auto other = build_frame(spec);
  EXPECT_EQ(other[at], 0xff);
  EXPECT_EQ(other[at + 1], 0xff);
}

TEST(Checksums, CoverPatches) {
  const auto spec = v4([](S& s) {
    s.patches = {{PayloadBase::kL4, 4, {1, 2, 3, 4}},  // sequence number
                 {PayloadBase::kIp, 4, {0xab, 0xcd}}};
  });
  const auto frame = build_frame(spec);
  EXPECT_EQ(upper_sum(spec), 0xffffu);
  EXPECT_EQ(folded(std::span(frame).subspan(14, 20), 0), 0xffffu);
}

TEST(Checksums, MayBePatched) {
  const auto spec =
      v4([](S& s) { s.patches = {{PayloadBase::kL4, 16, {0x12, 0x34}}}; });
  const auto frame = build_frame(spec);
  EXPECT_EQ(frame[50], 0x12);
  EXPECT_EQ(frame[51], 0x34);
}

TEST(Checksums, Crc32cOfTheCheckString) {
  const std::string check = "123456789";
  const std::vector<std::uint8_t> bytes(check.begin(), check.end());
  EXPECT_EQ(crc32c(bytes), 0x839206e3u);  // 0xe3069283, lowest byte first
}

TEST(Checksums, SctpsCoversThePacketWithoutIt) {
  const auto spec = v4([](S& s) {
    s.protocol = 132;
    s.data = {1, 2, 3, 4};
  });
  auto packet = build_frame(spec);
  packet.erase(packet.begin(), packet.begin() + 34);
  const std::uint32_t sent = packet[8] << 24 | packet[9] << 16 |
                             packet[10] << 8 | packet[11];
  std::fill_n(packet.begin() + 8, 4, 0);
  EXPECT_EQ(sent, crc32c(packet));
}

}  // namespace
}  // namespace xdpgate
