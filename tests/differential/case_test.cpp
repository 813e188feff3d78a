// SPDX-License-Identifier: GPL-2.0-only
// What the contract and docs/architecture.md, "What a rule means", decide, one
// rule and one frame a row, by all three engines. A difference that the random
// tests have found gets its row here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/frame_bytes.h"
#include "tests/support/privilege.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

// A rule `match` that drops, under `default: pass` and `malformed: match`.
struct Case {
  const char* match;
  const char* name;
  Bytes frame;
  bool holds;
};

Bytes from_mac(std::uint8_t last) {
  Bytes frame = ether(0x0806) + zeros(28);
  frame[11] = last;
  return frame;
}

const Bytes kTcp4 = ether(0x0800) + ipv4({}, tcp());
const Bytes kTcp6 = ether(0x86dd) + ipv6({}, tcp());
const Bytes kArp = ether(0x0806) + zeros(28);
const Bytes kTag5 = ether(0x8100) + tag(5, 0x0806) + zeros(28);
const Bytes kTags56 = ether(0x88a8) + tag(5, 0x8100) + tag(6, 0x0806);
const Bytes kIcmp4 = ether(0x0800) + ipv4({.protocol = 1}, icmp(8, 0));
const Bytes kIcmp6 = ether(0x86dd) + ipv6({.next = 58}, icmp(8, 0));
const Bytes kLater4 = ether(0x0800) + ipv4({.fragment = 1}, tcp());
const Bytes kFirst4 = ether(0x0800) + ipv4({.fragment = 0x2000}, tcp());
const Bytes kLarge = ether(0x0806) + Bytes(66'000, 0x5a);
const Bytes kLarge4 =
    ether(0x0800) + ipv4({.total = 0}, tcp() + Bytes(66'000, 0x5a));

const std::vector<Case> kLinkCases = {
    {"src_mac: \"02:00:00:00:00:01\"", "the source", from_mac(1), true},
    {"src_mac: \"02:00:00:00:00:01\"", "another source", from_mac(2), false},
    {"src_mac: {not: \"02:00:00:00:00:01\"}", "another source", from_mac(2),
     true},
    // Found by seeds 17955619110112 and 17955619150033.
    {"src_mac: {not: \"02:00:00:00:00:01\"}", "no MACs", cut(kArp, 6), false},
    {"dst_mac: {not: \"02:00:00:00:00:01\"}", "one MAC, 13 bytes",
     cut(kArp, 13), false},
    {"src_mac: \"00:00:00:00:00:00\"", "no MACs", cut(kArp, 13), false},
    {"dst_mac: \"00:00:00:00:00:00/01:00:00:00:00:00\"", "no MACs", {}, false},
    {"src_mac: {not: \"00:00:00:00:00:01\"}", "14 bytes", cut(kArp, 14), true},
    {"payload: {at: ether, offset: 0, bytes: \"02\"}", "one byte", cut(kArp, 1),
     true},
    {"ethertype: {not: arp}", "no ethertype", cut(kArp, 13), false},
    {"ethertype: {not: arp}", "a tag that ends early", cut(kTag5, 17), false},
    {"vlan: none", "no tag", kArp, true},
    {"vlan: none", "no Ethernet header", cut(kArp, 13), true},
    {"vlan: {not: 5}", "no tag", kArp, false},
    {"vlan: {not: 6}", "tag 5", kTag5, true},
    {"vlan: {not: none}", "no tag", kArp, false},
    {"vlan: any", "tag 5", kTag5, true},
    {"inner_vlan: none", "one tag", kTag5, true},
    {"inner_vlan: none", "two tags", kTags56, false},
    {"inner_vlan: {not: 5}", "tags 5 and 6", kTags56, true},
    {"interface: {not: i9}", "i0", kArp, true},
};

const std::vector<Case> kNetworkCases = {
    {"src: {not: 192.0.2.0/24}", "IPv6", kTcp6, true},
    {"src: {not: 192.0.2.0/24}, family: ipv4", "IPv6", kTcp6, false},
    {"src: {not: 192.0.2.0/24}", "no IP", kArp, false},
    {"src: {not: 192.0.2.0/24}", "an IP header that ends early", cut(kTcp4, 33),
     false},
    {"src: {not: 10.0.0.0/8}", "IHL below 5", ether(0x0800) + ipv4({.ihl = 4}),
     false},
    {"src: [192.0.2.0/24, \"2001:db8::/32\"]", "IPv4", kTcp4, true},
    {"src: [192.0.2.0/24, \"2001:db8::/32\"]", "IPv6", kTcp6, true},
    {"protocol: {not: tcp}", "no IP", kArp, false},
    {"fragment: any", "later", kLater4, true},
    {"fragment: any", "whole", kTcp4, false},
    {"fragment: {not: first}", "no IP", kArp, false},
    {"ip_options: false", "no IP", kArp, false},
    {"length: {not: 40}", "no IP", kArp, false},
    {"length: {not: 40}", "40 bytes", kTcp4, false},
    {"length: {not: [0-39, 41-100]}", "40 bytes", kTcp4, true},
    {"ttl: {not: 64}", "64", kTcp4, false},
    {"ttl: {not: [1, 63, 65-255]}", "64", kTcp6, true},
    {"dscp: {not: ef}, ecn: {not: ce}", "0", kTcp4, true},
    {"payload: {at: ip, offset: 0, bytes: \"45\"}", "no IP", kArp, false},
    {"payload: {at: ether, offset: 54, bytes: \"00\"}", "padding",
     kTcp4 + zeros(6), false},
    {"payload: {at: ether, offset: 42, bytes: \"00\"}", "not IP: no padding",
     kArp + zeros(18), true},
    // The kernel reaches no further than offset 65,535.
    {"payload: {at: ether, offset: 65535, bytes: \"5a\"}", "within reach",
     kLarge, true},
    {"payload: {at: ether, offset: 65535, bytes: \"5a5a\"}",
     "begins within reach", kLarge, true},
    {"payload: {at: ip, offset: 65521, bytes: \"5a\"}", "within reach", kLarge4,
     true},
    {"payload: {at: ip, offset: 65522, bytes: \"5a\"}", "beyond reach", kLarge4,
     false},
    {"payload: {not: {at: ip, offset: 65522, bytes: \"00\"}}", "beyond reach",
     kLarge4, false},
};

const std::vector<Case> kTransportCases = {
    {"dst_port: {not: 80}", "ICMP", kIcmp4, false},
    {"dst_port: {not: 80}", "port 22", kTcp4, true},
    {"dst_port: {not: 80}", "a later fragment", kLater4, false},
    {"dst_port: 22", "a first fragment", kFirst4, true},
    {"dst_port: {not: 80}", "TCP that ends early", cut(kTcp4, 53), false},
    {"port: {not: 22}", "to 22", kTcp4, false},
    {"port: {not: 1000}", "from 1000", kTcp4, false},
    {"port: {not: 80}", "1000 to 22", kTcp4, true},
    {"tcp_flags: {not: [syn]}", "ICMP", kIcmp4, false},
    {"tcp_flags: {not: [ack]}", "data offset below 5",
     ether(0x0800) + ipv4({}, tcp({.offset = 4})), false},
    {"dst_port: 22", "data offset below 5",
     ether(0x0800) + ipv4({}, tcp({.offset = 4})), true},
    {"icmp_type: 8", "ICMP", kIcmp4, true},
    {"icmp_type: 8", "ICMPv6", kIcmp6, false},
    {"icmp_type: 8, family: ipv6", "ICMPv6", kIcmp6, true},
    {"icmp_type: {not: 0}", "ICMPv6", kIcmp6, false},
    {"payload: {at: l4, offset: 0, bytes: \"03e8\"}", "a later fragment",
     kLater4, false},
    {"payload: {at: data, offset: 0, bytes: \"00\"}", "no data", kTcp4, false},
    {"payload: {not: {at: data, offset: 0, bytes: \"00\"}}", "no data", kTcp4,
     false},
};

class Cases : public testing::TestWithParam<const std::vector<Case>*> {};

std::string policy_of(const Case& c) {
  return fmt::format(
      "version: 1\nname: case\ninterfaces: [i0]\ndefault: pass\n"
      "malformed: match\nrules:\n  - {{name: r, match: {{{}}}, action: "
      "drop}}\n",
      c.match);
}

void hold(const std::vector<Case>& cases, Kernel kernel) {
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{}; {}", c.match, c.name));
    ThreeEngines engines(policy_of(c), kernel);
    EXPECT_EQ(engines.judge(c.frame, "i0"), "");
    EXPECT_EQ(engines.last().decision.rule.has_value(), c.holds);
    EXPECT_EQ(engines.compare_counters(), "");
  }
}

TEST_P(Cases, EvaluatorAndNative) { hold(*GetParam(), Kernel::kNone); }

TEST_P(Cases, KernelToo) {
  XG_NEED_BPF();
  hold(*GetParam(), Kernel::kShared);
}

INSTANTIATE_TEST_SUITE_P(Table, Cases,
                         testing::Values(&kLinkCases, &kNetworkCases,
                                         &kTransportCases));

}  // namespace
}  // namespace xdpgate::test
