// SPDX-License-Identifier: GPL-2.0-only
// Raw IP and Linux cooked captures become Ethernet.
#include <gtest/gtest.h>

#include "tests/pcap/read_back.h"
#include "tests/support/capture_bytes.h"

namespace xdpgate::test {
namespace {

constexpr std::uint32_t kRaw = 101, kRawIpv4 = 228, kRawIpv6 = 229;
constexpr std::uint32_t kCooked = 113, kCooked2 = 276;
const Bytes kMac = {2, 0, 0, 0, 0, 7};
const Bytes kIpv4 = ipv4({}, tcp());
const Bytes kIpv6 = ipv6({}, tcp());

// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
Bytes cooked(std::uint16_t ethertype, std::uint16_t address_bytes = 6) {
  return kBig.u16(4) + kBig.u16(1) + kBig.u16(address_bytes) + kMac + zeros(2) +
         kBig.u16(ethertype);
}
// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
Bytes cooked2(std::uint16_t ethertype, std::uint8_t address_bytes = 6) {
  return kBig.u16(ethertype) + zeros(2) + kBig.u32(3) + kBig.u16(1) +
         Bytes{4, address_bytes} + kMac + zeros(2);
}

Bytes header(std::uint16_t ethertype, const Bytes& src = zeros(6)) {
  return zeros(6) + src + kBig.u16(ethertype);
}

struct RecastCase {
  std::string name;
  std::uint32_t link_type;
  Bytes captured;
  Bytes frame;
};

class Recast : public testing::TestWithParam<RecastCase> {};

TEST_P(Recast, BecomesEthernet) {
  const auto read = read_bytes(pcap_head({.link_type = GetParam().link_type}) +
                               pcap_record(GetParam().captured));
  EXPECT_EQ(read.error, "");
  ASSERT_EQ(read.frames.size(), 1u);
  EXPECT_EQ(read.frames[0].bytes, GetParam().frame);
  EXPECT_EQ(read.frames[0].captured_bytes, GetParam().frame.size());
}

INSTANTIATE_TEST_SUITE_P(
    LinkType, Recast,
    testing::Values(
        RecastCase{"raw_v4", kRaw, kIpv4, header(0x0800) + kIpv4},
        RecastCase{"raw_v6", kRaw, kIpv6, header(0x86dd) + kIpv6},
        RecastCase{"raw_neither", kRaw, {0x15}, header(0x0800) + Bytes{0x15}},
        RecastCase{"raw_empty", kRaw, {}, header(0x0800)},
        RecastCase{"ipv4", kRawIpv4, kIpv4, header(0x0800) + kIpv4},
        RecastCase{"ipv6", kRawIpv6, kIpv6, header(0x86dd) + kIpv6},
        RecastCase{"cooked", kCooked, cooked(0x0800) + kIpv4,
                   header(0x0800, kMac) + kIpv4},
        RecastCase{"cooked_arp", kCooked, cooked(0x0806) + zeros(28),
                   header(0x0806, kMac) + zeros(28)},
        RecastCase{"cooked_tag", kCooked,
                   cooked(0x8100) + tag(5, 0x0800) + kIpv4,
                   header(0x8100, kMac) + tag(5, 0x0800) + kIpv4},
        RecastCase{"cooked_without_address", kCooked, cooked(0x86dd, 0) + kIpv6,
                   header(0x86dd) + kIpv6},
        RecastCase{"cooked_long_address", kCooked, cooked(0x0800, 8) + kIpv4,
                   header(0x0800) + kIpv4},
        RecastCase{"cooked2", kCooked2, cooked2(0x86dd) + kIpv6,
                   header(0x86dd, kMac) + kIpv6},
        RecastCase{"cooked2_without_address", kCooked2,
                   cooked2(0x0800, 0) + kIpv4, header(0x0800) + kIpv4}),
    [](const auto& info) { return info.param.name; });

// The header is no part of what was snapped.
TEST(RecastSnapped, KeepsWhatIsMissing) {
  const auto raw = read_bytes(pcap_head({.link_type = kRaw}) +
                              pcap_record(cut(kIpv4, 20), {}, 1'000));
  EXPECT_EQ(text_of(raw), "1: 34/1014 at 0.000000000\n");
  const auto sll =
      read_bytes(pcap_head({.link_type = kCooked}) +
                 pcap_record(cooked(0x0800) + cut(kIpv4, 20), {}, 1'016));
  EXPECT_EQ(text_of(sll), "1: 34/1014 at 0.000000000\n");
  EXPECT_EQ(sll.frames.at(0).bytes,
            header(0x0800, kMac) + cut(kIpv4, 20) + zeros(980));
}

TEST(RecastDamaged, EndsInsideItsLinkHeader) {
  const auto read = read_bytes(pcap_head({.link_type = kCooked2}) +
                               pcap_record(cut(cooked2(0x0800), 19), {}, 60));
  EXPECT_EQ(text_of(read),
            "read frame 1 of F: it ends inside its link header; the frames "
            "before it are sound\n");
}

}  // namespace
}  // namespace xdpgate::test
