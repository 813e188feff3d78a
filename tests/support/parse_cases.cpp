// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/parse_cases.h"

namespace xdpgate::test {
namespace {

const std::string kV4 = " eth=0800 v4 192.0.2.1>198.51.100.2 ttl=64";
const std::string kV6 = " eth=86dd v6 2001:db8::1>2001:db8::2 ttl=64";
const std::string kSyn = " proto=6 ports=1000>22 tcp=002";

Bytes v4(const Ipv4& header, const Bytes& payload = {}) {
  return ether(0x0800) + ipv4(header, payload);
}

Bytes v6(const Ipv6& header, const Bytes& payload = {}) {
  return ether(0x86dd) + ipv6(header, payload);
}

/// `count` destination options of 8 bytes, the last before `last`.
Bytes options(int count, std::uint8_t last) {
  Bytes chain;
  for (int i = 1; i <= count; ++i) {
    chain = chain + extension(i == count ? last : 60, 0, 8);
  }
  return chain;
}

}  // namespace

std::vector<ParseCase> link_cases() {
  return {
      {"nothing", {}, "ether-short | end=0"},
      {"ether 13", cut(ether(0x0806), 13), "ether-short | end=13"},
      {"ether alone", ether(0x0806), "ok eth=0806 | end=14"},
      {"802.3 length", ether(60) + zeros(60), "ok eth=003c | end=74"},
      {"arp", ether(0x0806) + zeros(28), "ok eth=0806 | end=42"},
      {"tag", ether(0x8100) + tag(5, 0x0806), "ok vlan=5 eth=0806 | end=18"},
      {"priority tag", ether(0x8100) + tag(0xe000, 0x0806),
       "ok vlan=0 eth=0806 | end=18"},
      {"tag 3", cut(ether(0x8100) + tag(5, 0x0806), 17),
       "vlan-short | end=17"},
      {"ad, q", ether(0x88a8) + tag(5, 0x8100) + tag(4095, 0x0806),
       "ok vlan=5 inner=4095 eth=0806 | end=22"},
      {"second tag 0", ether(0x9100) + tag(5, 0x8100),
       "vlan-short vlan=5 | end=18"},
      {"four tags",
       ether(0x9100) + tag(1, 0x88a8) + tag(2, 0x8100) + tag(3, 0x8100) +
           tag(4, 0x0806),
       "ok vlan=1 inner=2 eth=0806 | end=30"},
      {"five tags",
       ether(0x8100) + tag(1, 0x8100) + tag(2, 0x8100) + tag(3, 0x8100) +
           tag(4, 0x8100) + tag(5, 0x0806),
       "vlan-depth vlan=1 inner=2 | end=34"},
      {"a fifth tag that is not there",
       ether(0x8100) + tag(1, 0x8100) + tag(2, 0x8100) + tag(3, 0x8100) +
           tag(4, 0x8100),
       "vlan-depth vlan=1 inner=2 | end=30"},
      {"tag, ipv4", ether(0x8100) + tag(5, 0x0800) + ipv4({}, tcp()),
       "ok vlan=5" + kV4 + " tos=0 len=40" + kSyn +
           " | ip=18 l4=38 data=58 end=58"},
      {"four tags, ipv6",
       ether(0x8100) + tag(1, 0x8100) + tag(2, 0x8100) + tag(3, 0x8100) +
           tag(4, 0x86dd) + ipv6({}, tcp()),
       "ok vlan=1 inner=2" + kV6 + " tos=0 len=60" + kSyn +
           " | ip=30 l4=70 data=90 end=90"},
  };
}

std::vector<ParseCase> ipv4_cases() {
  const std::string ok = "ok" + kV4;
  const std::string no_fields = " eth=0800 | end=";
  return {
      {"tcp", v4({}, tcp()),
       ok + " tos=0 len=40" + kSyn + " | ip=14 l4=34 data=54 end=54"},
      {"tos", v4({.tos = 0xb9}, tcp()),
       ok + " tos=b9 len=40" + kSyn + " | ip=14 l4=34 data=54 end=54"},
      {"padding", v4({}, tcp()) + zeros(6),
       ok + " tos=0 len=40" + kSyn + " | ip=14 l4=34 data=54 end=54"},
      {"ipv4 0", ether(0x0800), "ipv4-short" + no_fields + "14"},
      {"ipv4 19", cut(v4({}), 33), "ipv4-short" + no_fields + "33"},
      {"version 6", v4({.version = 6}), "ipv4-version" + no_fields + "34"},
      {"ihl 4", v4({.ihl = 4}), "ipv4-ihl" + no_fields + "34"},
      {"version before ihl", v4({.version = 5, .ihl = 4}),
       "ipv4-version" + no_fields + "34"},
      {"options", v4({.ihl = 6}, tcp()),
       ok + " tos=0 len=44 options" + kSyn + " | ip=14 l4=38 data=58 end=58"},
      {"all options", v4({.ihl = 15}, tcp()),
       ok + " tos=0 len=80 options" + kSyn + " | ip=14 l4=74 data=94 end=94"},
      {"options 39", cut(v4({.ihl = 15}, tcp()), 73),
       "ipv4-short" + kV4 + " tos=0 len=80 options proto=6 | ip=14 end=73"},
      {"total below ihl", v4({.ihl = 6, .total = 23}, tcp()),
       "ipv4-length" + kV4 + " tos=0 len=23 options proto=6 | ip=14 end=58"},
      {"total beyond", v4({.total = 41}, tcp()),
       "ipv4-length" + kV4 + " tos=0 len=41 proto=6 | ip=14 end=54"},
      {"total 0", v4({.total = 0}, tcp()) + zeros(3),
       ok + " tos=0 len=43" + kSyn + " | ip=14 l4=34 data=54 end=57"},
      {"total 20", v4({.protocol = 59, .total = 20}) + zeros(20),
       ok + " tos=0 len=20 proto=59 | ip=14 l4=34 end=34"},
      {"first", v4({.fragment = 0x2000}, tcp()),
       ok + " tos=0 len=40 first" + kSyn + " | ip=14 l4=34 data=54 end=54"},
      {"do not fragment", v4({.fragment = 0x4000}, tcp()),
       ok + " tos=0 len=40" + kSyn + " | ip=14 l4=34 data=54 end=54"},
      {"evil bit", v4({.fragment = 0x8000}, tcp()),
       ok + " tos=0 len=40" + kSyn + " | ip=14 l4=34 data=54 end=54"},
      {"later", v4({.fragment = 0x2001}, tcp()),
       ok + " tos=0 len=40 later proto=6 | ip=14 end=54"},
      {"last", v4({.fragment = 0x1fff}, zeros(1)),
       ok + " tos=0 len=21 later proto=6 | ip=14 end=35"},
      {"protocol 0 is none of ipv6", v4({.protocol = 0}, zeros(8)),
       ok + " tos=0 len=28 proto=0 | ip=14 l4=34 end=42"},
  };
}

std::vector<ParseCase> ipv6_cases() {
  const std::string ok = "ok" + kV6;
  const std::string no_fields = " eth=86dd | end=";
  return {
      {"tcp6", v6({}, tcp()),
       ok + " tos=0 len=60" + kSyn + " | ip=14 l4=54 data=74 end=74"},
      {"class 6", v6({.tclass = 0xb9}, tcp()),
       ok + " tos=b9 len=60" + kSyn + " | ip=14 l4=54 data=74 end=74"},
      {"padding 6", v6({}, tcp()) + zeros(6),
       ok + " tos=0 len=60" + kSyn + " | ip=14 l4=54 data=74 end=74"},
      {"ipv6 39", cut(v6({}), 53), "ipv6-short" + no_fields + "53"},
      {"version 4", v6({.version = 4}), "ipv6-version" + no_fields + "54"},
      {"payload beyond", v6({.length = 21}, tcp()),
       "ipv6-length" + kV6 + " tos=0 len=61 | ip=14 end=74"},
      {"payload 0", v6({.next = 59}),
       ok + " tos=0 len=40 proto=59 | ip=14 l4=54 end=54"},
      {"payload said 0", v6({.length = 0}, tcp()),
       "tcp-short" + kV6 + " tos=0 len=40 proto=6 | ip=14 l4=54 end=74"},
      {"icmpv6", v6({.next = 58}, icmp(135, 0, 24)),
       ok + " tos=0 len=64 proto=58 icmp6=135:0 | ip=14 l4=54 data=62 end=78"},
      {"icmpv6 4", v6({.next = 58}, icmp(128, 1, 4)),
       ok + " tos=0 len=44 proto=58 icmp6=128:1 | ip=14 l4=54 end=58"},
      {"icmpv6 3", v6({.next = 58}, icmp(128, 1, 3)),
       "icmp-short" + kV6 + " tos=0 len=43 proto=58 | ip=14 l4=54 end=57"},
      {"icmp in ipv6", v6({.next = 1}, icmp(8, 0)),
       ok + " tos=0 len=48 proto=1 | ip=14 l4=54 end=62"},
  };
}

std::vector<ParseCase> extension_cases() {
  const std::string ok = "ok" + kV6 + " tos=0 len=";
  const std::string bare = kV6 + " tos=0 len=";
  std::vector<ParseCase> cases = {
      {"ah", v6({.next = 51}, extension(6, 4, 24) + tcp()),
       ok + "84 options" + kSyn + " | ip=14 l4=78 data=98 end=98"},
      {"ah of the least length", v6({.next = 51}, extension(6, 0, 8) + tcp()),
       ok + "68 options" + kSyn + " | ip=14 l4=62 data=82 end=82"},
      {"extension of the greatest length",
       v6({.next = 60}, extension(6, 255, 2048) + tcp()),
       ok + "2108 options" + kSyn + " | ip=14 l4=2102 data=2122 end=2122"},
      {"extension 1", v6({.next = 60}, zeros(1)),
       "ext-short" + bare + "41 | ip=14 end=55"},
      {"extension 7", v6({.next = 60}, zeros(7)),
       "ext-short" + bare + "47 | ip=14 end=61"},
      {"extension beyond", v6({.next = 60}, extension(6, 1, 15)),
       "ext-short" + bare + "55 | ip=14 end=69"},
      {"second extension beyond",
       v6({.next = 0}, extension(43, 0, 8) + extension(6, 1, 8)),
       "ext-short" + bare + "56 options | ip=14 end=70"},
      {"behind the packet", v6({.next = 60, .length = 7}, options(1, 6)),
       "ext-short" + bare + "47 | ip=14 end=62"},
      {"eight", v6({.next = 60}, options(8, 6) + tcp()),
       ok + "124 options" + kSyn + " | ip=14 l4=118 data=138 end=138"},
      {"nine", v6({.next = 60}, options(9, 6) + tcp()),
       "ext-depth" + bare + "132 options | ip=14 end=146"},
      {"a ninth that is not there", v6({.next = 60}, options(8, 60)),
       "ext-depth" + bare + "104 options | ip=14 end=118"},
      {"fragment first", v6({.next = 44}, fragment(6, 1) + tcp()),
       ok + "68 options first" + kSyn + " | ip=14 l4=62 data=82 end=82"},
      {"fragment atomic", v6({.next = 44}, fragment(6, 0) + tcp()),
       ok + "68 options" + kSyn + " | ip=14 l4=62 data=82 end=82"},
      {"fragment reserved bits", v6({.next = 44}, fragment(6, 6) + tcp()),
       ok + "68 options" + kSyn + " | ip=14 l4=62 data=82 end=82"},
      {"fragment later", v6({.next = 44}, fragment(6, 8) + tcp()),
       ok + "68 options later proto=6 | ip=14 end=82"},
      {"fragment with a length",
       v6({.next = 44}, cut(extension(17, 255, 8), 8) + udp(8)),
       ok + "56 options proto=17 ports=5353>53 | ip=14 l4=62 data=70 end=70"},
      {"later, extension", v6({.next = 44}, fragment(60, 0xfff9)),
       ok + "48 options later | ip=14 end=62"},
      {"first, atomic",
       v6({.next = 44}, fragment(44, 1) + fragment(6, 0) + tcp()),
       ok + "76 options first" + kSyn + " | ip=14 l4=70 data=90 end=90"},
      {"atomic, first",
       v6({.next = 44}, fragment(44, 0) + fragment(6, 1) + tcp()),
       ok + "76 options first" + kSyn + " | ip=14 l4=70 data=90 end=90"},
      {"first, later",
       v6({.next = 44}, fragment(44, 1) + fragment(6, 9) + tcp()),
       ok + "76 options later proto=6 | ip=14 end=90"},
      {"later at the eighth place",
       v6({.next = 60}, options(7, 44) + fragment(60, 8)),
       ok + "104 options later | ip=14 end=118"},
      {"no next header", v6({.next = 0}, extension(59, 0, 8)),
       ok + "48 options proto=59 | ip=14 l4=62 end=62"},
  };
  for (int next : {0, 43, 60, 135, 139, 140}) {
    cases.push_back(
        {"extension " + std::to_string(next),
         v6({.next = static_cast<std::uint8_t>(next)},
            extension(6, 1, 16) + tcp()),
         ok + "76 options" + kSyn + " | ip=14 l4=70 data=90 end=90"});
  }
  for (int next : {1, 50, 59, 61, 134, 141, 192 + 7, 255}) {
    cases.push_back({"no extension " + std::to_string(next),
                     v6({.next = static_cast<std::uint8_t>(next)},
                        extension(6, 1, 16) + tcp()),
                     ok + "76 proto=" + std::to_string(next) +
                         " | ip=14 l4=54 end=90"});
  }
  return cases;
}

std::vector<ParseCase> upper_cases() {
  const auto ok = [](int length, const std::string& rest) {
    return "ok" + kV4 + " tos=0 len=" + std::to_string(length) + " proto=" +
           rest;
  };
  const auto bad = [](const std::string& word, int length,
                      const std::string& rest) {
    return word + kV4 + " tos=0 len=" + std::to_string(length) + " proto=" +
           rest + " | ip=14 l4=34 end=" + std::to_string(14 + length);
  };
  return {
      {"tcp 0", v4({}), bad("tcp-short", 20, "6")},
      {"tcp 19", v4({}, cut(tcp(), 19)), bad("tcp-short", 39, "6")},
      {"tcp offset 4", v4({}, tcp({.offset = 4})),
       bad("tcp-offset", 40, "6 ports=1000>22")},
      {"tcp offset 15, 59", v4({}, cut(tcp({.offset = 15}), 59)),
       bad("tcp-short", 79, "6 ports=1000>22")},
      {"tcp offset 15", v4({}, tcp({.offset = 15}) + zeros(1)),
       ok(81, "6 ports=1000>22 tcp=002 | ip=14 l4=34 data=94 end=95")},
      {"tcp all flags", v4({}, tcp({.flags = 0xfff})),
       ok(40, "6 ports=1000>22 tcp=fff | ip=14 l4=34 data=54 end=54")},
      {"tcp ends in the padding", v4({.total = 39}, tcp()) + zeros(10),
       "tcp-short" + kV4 + " tos=0 len=39 proto=6 | ip=14 l4=34 end=64"},
      {"udp", v4({.protocol = 17}, udp(12, 4)),
       ok(32, "17 ports=5353>53 | ip=14 l4=34 data=42 end=46")},
      {"udp without data", v4({.protocol = 17}, udp(8)),
       ok(28, "17 ports=5353>53 | ip=14 l4=34 data=42 end=42")},
      {"udp shorter than the packet", v4({.protocol = 17}, udp(8, 4)),
       ok(32, "17 ports=5353>53 | ip=14 l4=34 data=42 end=46")},
      {"udp 7", v4({.protocol = 17}, cut(udp(8), 7)),
       bad("udp-short", 27, "17")},
      {"udp length 7", v4({.protocol = 17}, udp(7, 4)),
       bad("udp-length", 32, "17 ports=5353>53")},
      {"udp length 0", v4({.protocol = 17}, udp(0, 4)),
       bad("udp-length", 32, "17 ports=5353>53")},
      {"udp beyond", v4({.protocol = 17}, udp(13, 4)),
       bad("udp-length", 32, "17 ports=5353>53")},
      {"udp beyond, first", v4({.protocol = 17, .fragment = 0x2000}, udp(999)),
       "ok" + kV4 + " tos=0 len=28 first proto=17 ports=5353>53" +
           " | ip=14 l4=34 data=42 end=42"},
      {"udp length 7, first", v4({.protocol = 17, .fragment = 0x2000}, udp(7)),
       "udp-length" + kV4 + " tos=0 len=28 first proto=17 ports=5353>53" +
           " | ip=14 l4=34 end=42"},
      {"udplite", v4({.protocol = 136}, udp(0, 2)),
       ok(30, "136 ports=5353>53 | ip=14 l4=34 data=42 end=44")},
      {"udplite 7", v4({.protocol = 136}, cut(udp(0), 7)),
       bad("udp-short", 27, "136")},
      {"icmp", v4({.protocol = 1}, icmp(3, 13)),
       ok(28, "1 icmp=3:13 | ip=14 l4=34 data=42 end=42")},
      {"icmp 7", v4({.protocol = 1}, icmp(8, 0, 7)),
       bad("icmp-short", 27, "1")},
      {"icmpv6 in ipv4", v4({.protocol = 58}, icmp(128, 0)),
       ok(28, "58 | ip=14 l4=34 end=42")},
      {"sctp", v4({.protocol = 132}, ports_and_zeros(12)),
       ok(32, "132 ports=7>9 | ip=14 l4=34 data=46 end=46")},
      {"sctp 11", v4({.protocol = 132}, ports_and_zeros(11)),
       bad("sctp-short", 31, "132")},
      {"dccp", v4({.protocol = 33}, dccp(4, 17)),
       ok(37, "33 ports=7>9 | ip=14 l4=34 data=50 end=51")},
      {"dccp least", v4({.protocol = 33}, dccp(3, 12)),
       ok(32, "33 ports=7>9 | ip=14 l4=34 data=46 end=46")},
      {"dccp offset 2", v4({.protocol = 33}, dccp(2, 16)),
       ok(36, "33 ports=7>9 | ip=14 l4=34 end=50")},
      {"dccp data beyond", v4({.protocol = 33}, dccp(255, 16)),
       ok(36, "33 ports=7>9 | ip=14 l4=34 end=50")},
      {"dccp 11", v4({.protocol = 33}, dccp(3, 11)),
       bad("dccp-short", 31, "33")},
      {"gre", v4({.protocol = 47}, zeros(4)),
       ok(24, "47 | ip=14 l4=34 end=38")},
  };
}

std::vector<ParseCase> parse_cases() {
  std::vector<ParseCase> all;
  for (const auto& cases : {link_cases(), ipv4_cases(), ipv6_cases(),
                            extension_cases(), upper_cases()}) {
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

}  // namespace xdpgate::test
