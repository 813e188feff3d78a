// SPDX-License-Identifier: GPL-2.0-only
// Texts and the packets they stand for, both ways; and every complaint.
#include "packet/packet_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "base/dice.h"
#include "base/hex.h"
#include "engine/parse_frame.h"
#include "packet/build_frame.h"
#include "tests/support/key_text.h"
#include "tests/support/parse_cases.h"
#include "tests/support/random_packets.h"

namespace xdpgate {
namespace {

using Frame = std::vector<std::uint8_t>;

struct Row {
  std::string name;
  std::string text;
  std::string fields;     ///< test::key_text() of the frame
  std::string canonical;  ///< as printed; empty: as written
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.text; }

const std::string kV4 = "ok eth=0800 v4 192.0.2.1>198.51.100.1 ";
const std::string kV6 = "ok eth=86dd v6 2001:db8::1>2001:db8::2 ";
const std::string kTcp = "tcp 192.0.2.1:1000 > 198.51.100.1:22";
const std::string kUdp6 = "udp [2001:db8::1]:53 > [2001:db8::2]:1024";

const Row kRows[] = {
    {"Tcp", kTcp + " syn",
     kV4 + "ttl=64 tos=0 len=40 proto=6 ports=1000>22 tcp=002"
           " | ip=14 l4=34 data=54 end=54", ""},
    {"TcpIsSynUnlessTold", kTcp,
     kV4 + "ttl=64 tos=0 len=40 proto=6 ports=1000>22 tcp=002"
           " | ip=14 l4=34 data=54 end=54", kTcp + " syn"},
    {"FlagsAsWordsAndServiceName", "tcp 192.0.2.1:1000>198.51.100.1:ssh syn ack",
     kV4 + "ttl=64 tos=0 len=40 proto=6 ports=1000>22 tcp=012"
           " | ip=14 l4=34 data=54 end=54", kTcp + " syn,ack"},
    {"NoFlags", kTcp + " flags none ttl 3 dscp af11 ecn ce",
     kV4 + "ttl=3 tos=2b len=40 proto=6 ports=1000>22 tcp=000"
           " | ip=14 l4=34 data=54 end=54", ""},
    {"UnnamedFlags", kTcp + " flags 0xf00",
     kV4 + "ttl=64 tos=0 len=40 proto=6 ports=1000>22 tcp=f00"
           " | ip=14 l4=34 data=54 end=54", ""},
    {"MixedFlags", kTcp + " syn,0x800 opts len 1400",
     kV4 + "ttl=64 tos=0 len=1400 options proto=6 ports=1000>22 tcp=802"
           " | ip=14 l4=38 data=58 end=1414", ""},
    {"WordsInAnyOrder", kTcp + " on eth0 len 60 ttl 1 ack vlan 5",
     "ok vlan=5 eth=0800 v4 192.0.2.1>198.51.100.1 ttl=1 tos=0 len=60 proto=6 "
     "ports=1000>22 tcp=010 | ip=18 l4=38 data=58 end=78",
     kTcp + " ack vlan 5 ttl 1 len 60 on eth0"},
    {"Udp6", kUdp6,
     kV6 + "ttl=64 tos=0 len=48 proto=17 ports=53>1024"
           " | ip=14 l4=54 data=62 end=62", ""},
    {"QinQAndOptions", kUdp6 + " vlan 5 vlan 7 opts",
     "ok vlan=5 inner=7 eth=86dd v6 2001:db8::1>2001:db8::2 ttl=64 tos=0 "
     "len=56 options proto=17 ports=53>1024 | ip=22 l4=70 data=78 end=78", ""},
    {"FirstFragment", kUdp6 + " frag first opts data 0102",
     kV6 + "ttl=64 tos=0 len=66 options first proto=17 ports=53>1024"
           " | ip=14 l4=70 data=78 end=80", ""},
    {"LaterFragment", "udp [2001:db8::1] > 2001:db8::2 frag later data 01020000",
     kV6 + "ttl=64 tos=0 len=52 options later proto=17 | ip=14 end=66",
     "udp 2001:db8::1 > 2001:db8::2 frag later len 52 data 0102"},
    {"Icmp", "icmp 192.0.2.1 > 198.51.100.1 echo-request",
     kV4 + "ttl=64 tos=0 len=28 proto=1 icmp=8:0"
           " | ip=14 l4=34 data=42 end=42", ""},
    {"IcmpIsEchoRequestUnlessTold", "icmp 192.0.2.1 > 198.51.100.1",
     kV4 + "ttl=64 tos=0 len=28 proto=1 icmp=8:0"
           " | ip=14 l4=34 data=42 end=42",
     "icmp 192.0.2.1 > 198.51.100.1 echo-request"},
    {"IcmpCode",
     "icmp 192.0.2.1 > 198.51.100.1 destination-unreachable code frag-needed",
     kV4 + "ttl=64 tos=0 len=28 proto=1 icmp=3:4"
           " | ip=14 l4=34 data=42 end=42",
     "icmp 192.0.2.1 > 198.51.100.1 destination-unreachable code 4"},
    {"Icmp6", "icmp6 2001:db8::1 > 2001:db8::2 nd-neighbor-solicit ttl 255",
     kV6 + "ttl=255 tos=0 len=48 proto=58 icmp6=135:0"
           " | ip=14 l4=54 data=62 end=62", ""},
    {"Icmp6ByNumber", "icmpv6 2001:db8::1 > 2001:db8::2 type 200 code 7",
     kV6 + "ttl=64 tos=0 len=48 proto=58 icmp6=200:7"
           " | ip=14 l4=54 data=62 end=62",
     "icmp6 2001:db8::1 > 2001:db8::2 type 200 code 7"},
    {"HalfAHeaderOfIcmp6", "icmp6 2001:db8::1 > 2001:db8::2 echo-request len 44",
     kV6 + "ttl=64 tos=0 len=44 proto=58 icmp6=128:0 | ip=14 l4=54 end=58",
     ""},
    {"Arp", "arp", "ok eth=0806 | end=42", ""},
    {"ArpWithAll", "arp vlan 5 on eth0 smac 02:00:00:00:00:09",
     "ok vlan=5 eth=0806 | end=46",
     "arp vlan 5 smac 02:00:00:00:00:09 on eth0"},
    {"ArpData", "arp data 010200", "ok eth=0806 | end=17", ""},
    {"Lldp", "lldp dmac 01:80:c2:00:00:0e", "ok eth=88cc | end=14", ""},
    {"Ethertype", "ethertype 0x1234", "ok eth=1234 | end=14", ""},
    {"OtherProtocol", "ip 192.0.2.1 > 198.51.100.1 proto 47",
     kV4 + "ttl=64 tos=0 len=20 proto=47 | ip=14 l4=34 end=34",
     "ip 192.0.2.1 > 198.51.100.1 proto gre"},
    {"ProtocolAsHead", "gre 192.0.2.1 > 198.51.100.1 len 100",
     kV4 + "ttl=64 tos=0 len=100 proto=47 | ip=14 l4=34 end=114",
     "ip 192.0.2.1 > 198.51.100.1 proto gre len 100"},
    {"IcmpInIpv6", "ip6 2001:db8::1 > 2001:db8::2 proto icmp",
     kV6 + "ttl=64 tos=0 len=40 proto=1 | ip=14 l4=54 end=54", ""},
    {"IpOfEitherFamily", "ip 2001:db8::1 > 2001:db8::2 proto 200",
     kV6 + "ttl=64 tos=0 len=40 proto=200 | ip=14 l4=54 end=54",
     "ip6 2001:db8::1 > 2001:db8::2 proto 200"},
    {"IpWithPorts", "ip 192.0.2.1:1 > 198.51.100.1:2 proto udp",
     kV4 + "ttl=64 tos=0 len=28 proto=17 ports=1>2"
           " | ip=14 l4=34 data=42 end=42",
     "udp 192.0.2.1:1 > 198.51.100.1:2"},
    {"Sctp", "sctp 192.0.2.1:1 > 198.51.100.1:2",
     kV4 + "ttl=64 tos=0 len=32 proto=132 ports=1>2"
           " | ip=14 l4=34 data=46 end=46", ""},
    {"Dccp", "dccp 192.0.2.1:1 > 198.51.100.1:2",
     kV4 + "ttl=64 tos=0 len=32 proto=33 ports=1>2"
           " | ip=14 l4=34 data=46 end=46", ""},
    {"UdpLite", "udplite 192.0.2.1:1 > 198.51.100.1:2",
     kV4 + "ttl=64 tos=0 len=28 proto=136 ports=1>2"
           " | ip=14 l4=34 data=42 end=42", ""},
    {"FragmentWithoutProtocol",
     "ip6 2001:db8::1 > 2001:db8::2 proto ipv6-route frag later",
     kV6 + "ttl=64 tos=0 len=48 options later | ip=14 end=62",
     "ip6 2001:db8::1 > 2001:db8::2 proto ipv6-opts frag later at ip+40 2b"},
    {"BytesAtPlaces",
     "udp 192.0.2.1:1 > 198.51.100.1:2 data deadbeef at data+1 00 at ip+4 beef",
     kV4 + "ttl=64 tos=0 len=32 proto=17 ports=1>2"
           " | ip=14 l4=34 data=42 end=46",
     "udp 192.0.2.1:1 > 198.51.100.1:2 data de00beef at ip+4 beef"},
    {"TagPriority", "arp vlan 5 at ether+14 60",
     "ok vlan=5 eth=0806 | end=46", ""},
    {"LargestIpv4", "udp 192.0.2.1:1 > 198.51.100.1:2 len 131071",
     kV4 + "ttl=64 tos=0 len=131071 proto=17 ports=1>2"
           " | ip=14 l4=34 data=42 end=131085", ""},
    {"WholeFrame", "frame 020000000002020000000001080045000000 on eth1",
     "ipv4-short eth=0800 | end=18", ""},
};

class PacketText : public testing::TestWithParam<Row> {};

TEST_P(PacketText, StandsForThePacket) {
  const auto spec = parse_packet_text(GetParam().text);
  ASSERT_TRUE(spec) << spec.error().message;
  const Frame frame = build_frame(*spec);
  EXPECT_EQ(test::key_text(parse_frame(frame)), GetParam().fields);
  const std::string& canonical =
      GetParam().canonical.empty() ? GetParam().text : GetParam().canonical;
  EXPECT_EQ(packet_text(dissect(frame, spec->interface)), canonical);
  EXPECT_EQ(packet_text(*spec), canonical);
}

INSTANTIATE_TEST_SUITE_P(All, PacketText, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

struct Fault {
  std::string text;
  std::string message;  ///< and, behind " | ", the hint
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.text; }

const std::string kT = "tcp 192.0.2.1:1 > 192.0.2.2:22";
const std::string kExample =
    "a packet reads like `tcp 192.0.2.1:1000 > 198.51.100.1:22 syn`";

const Fault kFaults[] = {
    {"", "the packet is empty | `tcp 192.0.2.1:1000 > 198.51.100.1:22 syn`"},
    {" \t\n", "the packet is empty | "
              "`tcp 192.0.2.1:1000 > 198.51.100.1:22 syn`"},
    {"foo", "a packet cannot begin with `foo`: that is neither a protocol nor "
            "an ethertype | " + kExample},
    {"tpc 192.0.2.1:1 > 192.0.2.2:2",
     "a packet cannot begin with `tpc`: that is neither a protocol nor an "
     "ethertype | did you mean `tcp`?"},
    {"tcp", "the packet ends behind `tcp`, where an address should follow | "},
    {"tcp 192.0.2.1:1000",
     "the packet ends behind `192.0.2.1:1000`, where `>` should follow | "},
    {"tcp 192.0.2.1:1000 198.51.100.1:22",
     "`198.51.100.1:22` stands where `>` should | SOURCE > DESTINATION"},
    {"tcp 192.0.2.1:1000 >",
     "the packet ends behind `>`, where an address should follow | "},
    {"tcp 192.0.2.1 > 192.0.2.2:22",
     "`tcp` packets have two ports | "
     "`192.0.2.1:1000`, `[2001:db8::1]:1000`"},
    {"tcp 192.0.2.1:70000 > 192.0.2.2:22",
     "`70000` is out of range for a port | "
     "a port is a number 0-65535 or a name"},
    {"tcp 192.0.2.1:htpp > 192.0.2.2:22",
     "`htpp` is not a port | did you mean `http`?"},
    {"tcp 192.0.2.1:1 > [2001:db8::1]:22",
     "`192.0.2.1` and `2001:db8::1` are not of one family | "},
    {"tcp 192.0.2:1 > 192.0.2.2:22",
     "`192.0.2` is not an IP address | "
     "an address is written like 192.0.2.1 or 2001:db8::1"},
    {"tcp [2001:db8::1 > [2001:db8::2]:22",
     "`[2001:db8::1` is not an address with a port | `[2001:db8::1]:80`"},
    {"tcp [2001:db8::1]80 > [2001:db8::2]:22",
     "`[2001:db8::1]80` is not an address with a port | `[2001:db8::1]:80`"},
    {kT + " sny", "`sny` is not a word of this packet | did you mean `syn`?"},
    {kT + " quick",
     "`quick` is not a word of this packet | TCP flags, vlan, ttl, dscp, ecn, "
     "len, frag, opts, smac, dmac, data, at or on"},
    {kT + " syn,akc", "`akc` is not a TCP flag | did you mean `ack`?"},
    {kT + " syn,", "\"\" is not a TCP flag | "
                   "fin, syn, rst, psh, ack, urg, ece, cwr"},
    {kT + " flags 0x1000", "`0x1000` is out of range for a set of TCP flags | "
                           "a set of TCP flags is a number 0-4095"},
    {kT + " flags",
     "the packet ends behind `flags`, where TCP flags should follow | "},
    {kT + " ttl 256", "`256` is out of range for a TTL | "
                      "a TTL is a number 0-255"},
    {kT + " ttl 3 ttl 4", "`ttl` stands there twice | "},
    {kT + " vlan 4096", "`4096` is out of range for a VLAN id | "
                        "a VLAN id is a number 0-4095"},
    {kT + " vlan 1 vlan 2 vlan 3 vlan 4 vlan 5",
     "a packet has at most four VLAN tags | "},
    {kT + " len 39", "`len 39` does not fit this packet | "
                     "40 to 131071: headers and data, without Ethernet"},
    {kT + " len 131072", "`131072` is out of range for a length | "
                         "a length is a number 0-131071"},
    {kUdp6 + " len 65576", "`len 65576` does not fit this packet | "
                           "48 to 65575: headers and data, without Ethernet"},
    {kT + " frag latr",
     "`latr` is not a state of a fragment | did you mean `later`?"},
    {kT + " frag 1",
     "`1` is not a state of a fragment | none, first or later"},
    {kT + " frag later", "a later fragment has no ports | leave `:PORT` out"},
    {kT + " dscp af14", "`af14` is not a DSCP | did you mean `af11`?"},
    {kT + " ecn ce0", "`ce0` is not an ECN codepoint | did you mean `ce`?"},
    {kT + " type 3", "`type` needs an `icmp` or `icmp6` packet | "},
    {kT + " proto 6", "`proto` stands behind `ip` or `ip6` only | "
                      "`ip 192.0.2.1 > 198.51.100.1 proto 47`"},
    {kT + " data 012", "`012` is not hexadecimal bytes | "
                       "two digits a byte, as in `0800`"},
    {kT + " at foo+1 01", "`foo+1` is not a place in a packet | "
                          "ether, ip, l4 or data, and an offset: `ip+4`"},
    {kT + " at l4+x 01", "`x` is not an offset | "
                         "an offset is a number 0-131071"},
    {kT + " at l4+1",
     "the packet ends behind `l4+1`, where bytes in hexadecimal should "
     "follow | "},
    {kT + " len 40 at data+1 01",
     "`at data+1` lies beyond the end of the packet | "
     "a larger `len` makes it longer"},
    {kT + " on sixteen-bytes-xx",
     "`sixteen-bytes-xx` is too long for the name of an interface | "
     "at most 15 characters"},
    {kT + " smac 02:00", "`02:00` is not a MAC address | "
                         "a MAC address is written like 02:00:5e:10:00:01"},
    {kUdp6 + " syn",
     "`syn` is a TCP flag, but this is no `tcp` packet | "},
    {kUdp6 + " flags syn", "`flags` needs a `tcp` packet | "},
    {"icmp 2001:db8::1 > 2001:db8::2",
     "`icmp` needs IPv4 addresses | did you mean `icmp6`?"},
    {"icmp6 192.0.2.1 > 192.0.2.2",
     "`icmp6` needs IPv6 addresses | did you mean `icmp`?"},
    {"ip6 192.0.2.1 > 192.0.2.2 proto 47", "`ip6` needs IPv6 addresses | "},
    {"icmp 192.0.2.1 > 192.0.2.2 echo-requset",
     "`echo-requset` is not a word of this packet | "
     "did you mean `echo-request`?"},
    {"icmp 192.0.2.1 > 192.0.2.2 echo-request echo-reply",
     "`echo-reply` is a second ICMP type | "},
    {"icmp 192.0.2.1:1 > 192.0.2.2:2",
     "`icmp` packets have no ports | leave `:PORT` out"},
    {"icmp 192.0.2.1 > 192.0.2.2 code 256",
     "`256` is out of range for an ICMP code | "
     "an ICMP code is a number 0-255 or a name"},
    {"ip 192.0.2.1 > 192.0.2.2", "the packet has no protocol | "
                                 "`proto 47`, or `tcp` instead of `ip`"},
    {"ip 192.0.2.1 > 192.0.2.2 proto 256",
     "`256` is out of range for a protocol | "
     "a protocol is a number 0-255 or a name"},
    {"ip6 2001:db8::1 > 2001:db8::2 proto ipv6-route",
     "`ipv6-route` is an extension header of IPv6, not a protocol | "
     "`opts` gives the packet one"},
    {"arp ttl 3", "`ttl` needs an IP packet | "},
    {"arp at ip+0 01", "`at ip+0`: this packet has no `ip` | "},
    {"gre 192.0.2.1 > 192.0.2.2 at data 01",
     "`at data+0`: this packet has no `data` | "},
    {"ethertype 0x8100", "0x8100 is a VLAN tag, not what stands behind it | "
                         "`arp vlan 5`"},
    {"ethertype ipv4", "an IP packet needs addresses | "
                       "`ip 192.0.2.1 > 198.51.100.1 proto 47`"},
    {"ethertype 70000", "`70000` is out of range for an ethertype | "
                        "an ethertype is a number 0-65535 or a name"},
    {"frame 0102", "`0102` is shorter than an Ethernet header | "
                   "a frame has at least 14 bytes"},
    {"frame 0200000000020200000000010800 ttl 3",
     "`ttl` cannot stand behind a whole frame | only `on INTERFACE` can"},
};

class FaultyText : public testing::TestWithParam<Fault> {};

TEST_P(FaultyText, IsComplainedOf) {
  const auto spec = parse_packet_text(GetParam().text);
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().message + " | " + spec.error().hint,
            GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(All, FaultyText, testing::ValuesIn(kFaults));

TEST(FaultyText, TooMuchData) {
  const std::string data(2 * 70'000, '0');
  const auto v6 = parse_packet_text(kUdp6 + " data " + data);
  ASSERT_FALSE(v6);
  EXPECT_EQ(v6.error().message, "the packet has more data than it can hold: "
                                "its length would be 70048");
  EXPECT_EQ(v6.error().hint, "at most 65575");
  EXPECT_TRUE(parse_packet_text(kT + " data " + data));
  const auto huge = parse_packet_text(kT + std::string(kMaxPacketText, ' '));
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().message, "the packet is longer than a megabyte of "
                                  "text");
}

// What a printed text says is the frame, byte for byte.
void expect_exact(const Frame& frame) {
  const Packet packet = dissect(frame, "eth0");
  const std::string text = packet_text(packet);
  const auto spec = parse_packet_text(text);
  ASSERT_TRUE(spec) << text << "\n" << spec.error().message;
  EXPECT_EQ(spec->interface, "eth0");
  const bool whole = text.starts_with("frame ");
  const auto end = frame.begin() + (whole ? frame.size() : packet.end);
  ASSERT_EQ(build_frame(*spec), Frame(frame.begin(), end))
      << text << "\n" << hex_text(frame);
  ASSERT_EQ(packet_text(*spec), text);
}

TEST(PrintedText, IsTheFrame) {
  for (const auto& row : test::parse_cases()) {
    SCOPED_TRACE(row.name);
    if (row.frame.size() >= 14) expect_exact(row.frame);
  }
}

TEST(PrintedText, IsTheFrameForRandomOnes) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  test::RandomPackets packets(seed);
  for (int i = 0; i < 10'000 && !testing::Test::HasFatalFailure(); ++i) {
    const Frame frame = packets.next();
    if (frame.size() >= 14) expect_exact(frame);
  }
}

// Words with letters changed, left out, doubled or from other texts.
TEST(FaultyText, HostileOnesAreRefusedOrRead) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Dice dice(seed);
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = dice.pick(kRows).text;
    if (text.size() > 1000) continue;
    for (auto n = dice.below(4); n > 0; --n) {
      const std::size_t at = dice.below(text.size() + 1);
      switch (dice.below(4)) {
        case 0:
          text.insert(at, 1, static_cast<char>(dice.below(256)));
          break;
        case 1:
          text.erase(at, dice.below(6));
          break;
        case 2:
          text.insert(at, " " + dice.pick(kRows).text.substr(0, 40));
          break;
        default:
          text.insert(at, text.substr(at, dice.below(20)));
      }
      if (text.empty()) text = " ";
    }
    const auto spec = parse_packet_text(text);
    if (spec) {
      ++read;
      const Frame frame = build_frame(*spec);
      EXPECT_TRUE(parse_packet_text(packet_text(dissect(frame, ""))));
    } else {
      EXPECT_FALSE(spec.error().message.empty());
    }
  }
  EXPECT_GT(read, 2'000u);
}

TEST(Summary, SaysWhatIsKnown) {
  auto summary = [](const std::string& text) {
    const auto spec = parse_packet_text(text);
    const Frame frame = build_frame(spec.value());
    return packet_summary(dissect(frame, spec->interface));
  };
  EXPECT_EQ(summary(kTcp + " ttl 3 smac 02:00:00:00:00:09 data 010203"),
            kTcp + " syn len 43");
  EXPECT_EQ(summary("arp vlan 7"), "arp vlan 7");
  EXPECT_EQ(summary("frame 0200000000020200000000018100"),
            "ethernet malformed: vlan-short");
  EXPECT_EQ(summary("frame 020000000002020000000001080045000000"),
            "ipv4 malformed: ipv4-short");
  EXPECT_EQ(summary("frame 0200000000020200000000010800450000180000400040"
                    "06b6fbc0000201c63364010003001600000000"),
            "tcp 192.0.2.1 > 198.51.100.1 len 24 malformed: tcp-short");
}

}  // namespace
}  // namespace xdpgate
