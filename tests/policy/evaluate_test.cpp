// SPDX-License-Identifier: GPL-2.0-only
// Each match key against a packet of each kind, by the evaluator: which ones
// match, and that a key never matches a packet that lacks its field, negated
// or not.
#include "policy/evaluate.h"

#include <gtest/gtest.h>

#include "tests/policy/checked.h"
#include "tests/support/frame_bytes.h"

namespace xdpgate::test {
namespace {

constexpr std::uint16_t kV4 = 0x0800, kV6 = 0x86dd;
constexpr std::uint8_t kUdp = 17, kIcmp = 1, kIcmp6 = 58;

struct NamedFrame {
  std::string name;
  Bytes bytes;
};

// 192.0.2.1:1000 > 198.51.100.2:22 and 2001:db8::1 > 2001:db8::2; UDP is
// 5353 > 53.
const std::vector<NamedFrame>& frames() {
  static const std::vector<NamedFrame> all = {
      {"arp", ether(0x0806) + zeros(28)},
      {"tcp4", ether(kV4) + ipv4({}, tcp())},
      {"synack4", ether(kV4) + ipv4({.tos = 0xb8}, tcp({.flags = 0x012}))},
      {"udp4", ether(kV4) + ipv4({.protocol = kUdp}, udp(8))},
      {"ping4", ether(kV4) + ipv4({.protocol = kIcmp}, icmp(8, 0))},
      {"options4", ether(kV4) + ipv4({.ihl = 6}, tcp())},
      {"first4",
       ether(kV4) + ipv4({.protocol = kUdp, .fragment = 0x2000}, udp(900, 8))},
      {"later4",
       ether(kV4) + ipv4({.protocol = kUdp, .fragment = 0x0002}, zeros(16))},
      {"tcp6", ether(kV6) + ipv6({}, tcp())},
      {"udp6", ether(kV6) + ipv6({.next = kUdp, .tclass = 3}, udp(8))},
      {"ping6", ether(kV6) + ipv6({.next = kIcmp6}, icmp(128, 0))},
      {"nd6", ether(kV6) + ipv6({.next = kIcmp6}, icmp(135, 0))},
      {"hop6", ether(kV6) + ipv6({.next = 0}, extension(6, 0, 8) + tcp())},
      {"later6", ether(kV6) + ipv6({.next = 44}, fragment(6, 8) + zeros(8))},
      {"tag4", ether(0x8100) + tag(0x2005, kV4) + ipv4({}, tcp())},
      {"qinq6", ether(0x88a8) + tag(7, 0x8100) + tag(5, kV6) +
                    ipv6({.next = kUdp}, udp(8))},
  };
  return all;
}

std::string matching(const Policy& policy) {
  std::string names;
  for (const auto& [name, bytes] : frames()) {
    const Packet packet = dissect(bytes, "eth0");
    EXPECT_EQ(packet.packet_class, XG_CLASS_OK) << name;
    if (!matches(policy, policy.rules[0].match, packet)) continue;
    names += (names.empty() ? "" : " ") + name;
  }
  return names;
}

struct KeyCase {
  std::string name;
  std::string keys;
  std::string matches;  ///< names of frames
};

class MatchKeyOnPackets : public testing::TestWithParam<KeyCase> {};

TEST_P(MatchKeyOnPackets, Matches) {
  auto checked = check_text(
      "sets: {s: {type: address, elements: [192.0.2.0/24, "
      "\"2001:db8::2\"]}}\n" +
      one_rule(GetParam().keys));
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(matching(*checked.policy), GetParam().matches);
}

const std::string kAllV4 =
    "tcp4 synack4 udp4 ping4 options4 first4 later4 tag4";
const std::string kAllV6 = "tcp6 udp6 ping6 nd6 hop6 later6 qinq6";
const std::string kAllIp =
    "tcp4 synack4 udp4 ping4 options4 first4 later4 tcp6 udp6 ping6 nd6 hop6 "
    "later6 tag4 qinq6";
const std::string kAll = "arp " + kAllIp;

INSTANTIATE_TEST_SUITE_P(
    Key, MatchKeyOnPackets,
    testing::ValuesIn(std::vector<KeyCase>{
        {"nothing_asked", "", kAll},
        {"interface", "interface: eth0", kAll},
        {"interface_other", "interface: eth1", ""},
        {"interface_not", "interface: {not: eth1}", kAll},
        {"src_mac", "src_mac: 02:00:00:00:00:01", kAll},
        {"src_mac_is_not_dst", "dst_mac: 02:00:00:00:00:01", ""},
        {"dst_mac_mask", "dst_mac: 02:00:00:00:00:00/fe:00:00:00:00:00", kAll},
        {"dst_mac_not_group",
         "dst_mac: {not: 01:00:00:00:00:00/01:00:00:00:00:00}", kAll},
        {"ethertype_arp", "ethertype: arp", "arp"},
        {"ethertype_behind_tags", "ethertype: ipv4", kAllV4},
        {"ethertype_not", "ethertype: {not: ipv4}", "arp " + kAllV6},
        {"vlan", "vlan: 5", "tag4"},
        {"vlan_outermost", "vlan: 7", "qinq6"},
        {"vlan_any", "vlan: any", "tag4 qinq6"},
        {"vlan_none", "vlan: none",
         "arp tcp4 synack4 udp4 ping4 options4 first4 later4 tcp6 udp6 ping6 "
         "nd6 hop6 later6"},
        {"vlan_not_needs_a_tag", "vlan: {not: 5}", "qinq6"},
        {"inner_vlan", "inner_vlan: 5", "qinq6"},
        {"inner_vlan_none", "inner_vlan: none, vlan: any", "tag4"},
        {"inner_vlan_not_needs_two_tags", "inner_vlan: {not: 7}", "qinq6"},
        {"family_v4", "family: ipv4", kAllV4},
        {"family_v6", "family: ipv6", kAllV6},
        {"family_not_is_still_ip", "family: {not: ipv4}", kAllV6},
        {"family_both", "family: [ipv4, ipv6]", kAllIp},
        {"src_v4", "src: 192.0.2.1", kAllV4},
        {"src_is_not_dst", "src: 198.51.100.2", ""},
        {"dst_prefix", "dst: 198.51.100.0/30", kAllV4},
        {"dst_range", "dst: 2001:db8::2-2001:db8::5", kAllV6},
        {"src_mixed", "src: [192.0.2.1, \"2001:db8::1\"]", kAllIp},
        {"src_not_v4_takes_v6", "src: {not: 192.0.2.0/24}", kAllV6},
        {"src_not_neither_takes_arp", "src: {not: 203.0.113.1}", kAllIp},
        {"src_set", "src: \"@s\"", kAllV4},
        {"dst_set", "dst: \"@s\"", kAllV6},
        {"dst_not_set", "dst: {not: \"@s\"}", kAllV4},
        {"protocol_behind_extensions", "protocol: tcp",
         "tcp4 synack4 options4 tcp6 hop6 later6 tag4"},
        {"protocol_not_needs_ip", "protocol: {not: tcp}",
         "udp4 ping4 first4 later4 udp6 ping6 nd6 qinq6"},
        {"protocol_icmp_is_v4", "protocol: icmp", "ping4"},
        {"protocol_icmpv6", "protocol: icmpv6", "ping6 nd6"},
        {"dst_port", "dst_port: 22", "tcp4 synack4 options4 tcp6 hop6 tag4"},
        {"dst_port_udp", "dst_port: 53", "udp4 first4 udp6 qinq6"},
        {"dst_port_not_never_icmp", "dst_port: {not: 22}",
         "udp4 first4 udp6 qinq6"},
        {"src_port", "src_port: 1000", "tcp4 synack4 options4 tcp6 hop6 tag4"},
        {"port_is_either_side", "port: [1000, 53]",
         "tcp4 synack4 udp4 options4 first4 tcp6 udp6 hop6 tag4 qinq6"},
        {"port_not_is_neither_side", "port: {not: 1000}",
         "udp4 first4 udp6 qinq6"},
        {"tcp_flags_syn_may_have_more", "tcp_flags: syn",
         "tcp4 synack4 options4 tcp6 hop6 tag4"},
        {"tcp_flags_mask", "tcp_flags: \"syn/syn,ack\"",
         "tcp4 options4 tcp6 hop6 tag4"},
        {"tcp_flags_list_is_all", "tcp_flags: [syn, ack]", "synack4"},
        {"tcp_flags_not_needs_tcp", "tcp_flags: {not: ack}",
         "tcp4 options4 tcp6 hop6 tag4"},
        {"icmp_type", "icmp_type: echo-request", "ping4"},
        {"icmp_type_v6", "family: ipv6, icmp_type: echo-request", "ping6"},
        {"icmp_type_nd", "icmp_type: nd-neighbor-solicit", "nd6"},
        {"icmp_type_not_needs_icmp", "icmp_type: {not: 0}", "ping4"},
        {"icmp_type_not_v6", "protocol: icmpv6, icmp_type: {not: 128}", "nd6"},
        {"icmp_code", "icmp_code: 0", "ping4"},
        {"ttl", "ttl: 64", kAllIp},
        {"ttl_not", "ttl: {not: 1}", kAllIp},
        {"dscp", "dscp: ef", "synack4"},
        {"dscp_not", "dscp: {not: ef}",
         "tcp4 udp4 ping4 options4 first4 later4 tcp6 udp6 ping6 nd6 hop6 "
         "later6 tag4 qinq6"},
        {"ecn", "ecn: ce", "udp6"},
        {"length", "length: 40", "tcp4 synack4 tag4"},
        {"length_v6_with_header", "length: 60", "tcp6"},
        {"length_range", "length: 0-30", "udp4 ping4"},
        {"fragment_none", "fragment: none",
         "tcp4 synack4 udp4 ping4 options4 tcp6 udp6 ping6 nd6 hop6 tag4 "
         "qinq6"},
        {"fragment_first", "fragment: first", "first4"},
        {"fragment_later", "fragment: later", "later4 later6"},
        {"fragment_any", "fragment: any", "first4 later4 later6"},
        {"fragment_not_never_arp", "fragment: {not: any}",
         "tcp4 synack4 udp4 ping4 options4 tcp6 udp6 ping6 nd6 hop6 tag4 "
         "qinq6"},
        {"ip_options", "ip_options: true", "options4 hop6 later6"},
        {"ip_options_false_never_arp", "ip_options: false",
         "tcp4 synack4 udp4 ping4 first4 later4 tcp6 udp6 ping6 nd6 tag4 "
         "qinq6"},
        {"payload_ether", "payload: {at: ether, offset: 12, bytes: 0806}",
         "arp"},
        {"payload_ip", "payload: {at: ip, offset: 8, bytes: 4006}",
         "tcp4 synack4 options4 tag4"},
        {"payload_l4", "payload: {at: l4, offset: 2, bytes: 0016}",
         "tcp4 synack4 options4 tcp6 hop6 tag4"},
        {"payload_mask",
         "payload: {at: l4, offset: 13, bytes: \"10\", mask: \"10\"}",
         "synack4"},
        {"payload_not_needs_its_bytes",
         "payload: {not: {at: data, offset: 0, bytes: ff}}", "first4"},
        {"keys_are_and", "protocol: tcp, dst_port: 22, family: ipv6",
         "tcp6 hop6"},
    }),
    [](const auto& info) { return info.param.name; });

Evaluation judge(const std::string& text, const Bytes& frame) {
  auto checked = check_text(text);
  EXPECT_TRUE(checked.policy) << checked.findings();
  return evaluate(checked.policy.value(), dissect(frame, "eth0"));
}

const Bytes& tcp4() { return frames()[1].bytes; }

TEST(Evaluate, FirstMatchDecides) {
  auto result = judge(
      "version: 1\nrules:\n"
      "- {name: a, match: {protocol: udp}, action: drop}\n"
      "- {name: b, match: {protocol: tcp}, action: pass}\n"
      "- {name: c, action: drop}\n",
      tcp4());
  EXPECT_EQ(result.decision, (Decision{XG_PASS, XG_CLASS_OK, 1}));
}

TEST(Evaluate, CountGoesOn) {
  auto result = judge(
      "version: 1\nrules:\n"
      "- {name: a, action: count}\n"
      "- {name: b, match: {protocol: udp}, action: count}\n"
      "- {name: c, match: {protocol: tcp}, action: count}\n"
      "- {name: d, action: drop}\n"
      "- {name: e, action: count}\n",
      tcp4());
  EXPECT_EQ(result.decision, (Decision{XG_DROP, XG_CLASS_OK, 3}));
  EXPECT_EQ(result.counted, (std::vector<std::uint32_t>{0, 2}));
}

TEST(Evaluate, DefaultDecidesTheRest) {
  EXPECT_EQ(judge("version: 1\n", tcp4()).decision, Decision());
  EXPECT_EQ(judge("version: 1\ndefault: drop\n", tcp4()).decision,
            (Decision{XG_DROP, XG_CLASS_OK, {}}));
}

TEST(Evaluate, MalformedGoesByItsSetting) {
  const Bytes bad = ether(kV4) + ipv4({}, zeros(4));  // no whole TCP header
  const std::string rule =
      "version: 1\nrules: [{name: a, match: {protocol: tcp}, action: pass}]\n";
  EXPECT_EQ(judge(rule, bad).decision,
            (Decision{XG_DROP, XG_CLASS_TCP_SHORT, {}}));
  EXPECT_EQ(judge(rule + "malformed: pass\n", bad).decision,
            (Decision{XG_PASS, XG_CLASS_TCP_SHORT, {}}));
  EXPECT_EQ(judge(rule + "malformed: match\n", bad).decision,
            (Decision{XG_PASS, XG_CLASS_TCP_SHORT, 0}));
}

}  // namespace
}  // namespace xdpgate::test
