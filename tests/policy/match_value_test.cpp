// SPDX-License-Identifier: GPL-2.0-only
// Every match key with every kind of value that the contract gives it: what it
// means, in the one way that a checked rule has of saying it.
#include <gtest/gtest.h>

#include "tests/policy/checked.h"

namespace xdpgate::test {
namespace {

struct ValueCase {
  std::string name;
  std::string keys;  ///< of the match
  std::string means;
};

class MatchValue : public testing::TestWithParam<ValueCase> {};

TEST_P(MatchValue, Means) {
  auto checked = check_text(
      "sets:\n"
      "  v4: {type: address, elements: [198.51.100.0/24]}\n"
      "  v6: {type: address, elements: [\"2001:db8:5::/48\"]}\n"
      "  both: {type: address, elements: [192.0.2.7, \"2001:db8::7\"]}\n"
      "  empty: {type: address, elements: []}\n"
      "  web: {type: port, elements: [http, 443, 8000-8099]}\n" +
      one_rule(GetParam().keys));
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(match_text(*checked.policy), GetParam().means);
}

std::string name_of(const testing::TestParamInfo<ValueCase>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Link, MatchValue,
    testing::ValuesIn(std::vector<ValueCase>{
        {"interface", "interface: eth0", "interface: eth0"},
        {"interface_list", "interface: [lan1, br-lan.7]",
         "interface: [br-lan.7, lan1]"},
        {"interface_not", "interface: {not: [lo, eth0]}",
         "interface: {not: [eth0, lo]}"},
        {"interface_longest", "interface: a23456789012345",
         "interface: a23456789012345"},
        {"interface_number", "interface: 5", "interface: 5"},
        {"src_mac", "src_mac: 02:00:5e:10:00:01", "src_mac: 02:00:5e:10:00:01"},
        {"src_mac_capitals", "src_mac: 02:00:5E:AB:CD:EF",
         "src_mac: 02:00:5e:ab:cd:ef"},
        {"src_mac_list", "src_mac: [0a:00:00:00:00:02, 0a:00:00:00:00:01]",
         "src_mac: [0a:00:00:00:00:01, 0a:00:00:00:00:02]"},
        {"src_mac_not", "src_mac: {not: 0a:00:00:00:00:01}",
         "src_mac: {not: 0a:00:00:00:00:01}"},
        {"dst_mac_mask", "dst_mac: 01:00:00:00:00:00/01:00:00:00:00:00",
         "dst_mac: 01:00:00:00:00:00/01:00:00:00:00:00"},
        {"dst_mac_whole_mask", "dst_mac: 33:33:00:00:00:01/ff:ff:ff:ff:ff:ff",
         "dst_mac: 33:33:00:00:00:01"},
        {"dst_mac_broadcast", "dst_mac: ff:ff:ff:ff:ff:ff",
         "dst_mac: ff:ff:ff:ff:ff:ff"},
        {"dst_mac_digits_only", "dst_mac: 11:22:33:44:55:06",
         "dst_mac: 11:22:33:44:55:06"},
        {"ethertype_name", "ethertype: arp", "ethertype: arp"},
        {"ethertype_names", "ethertype: [ipv4, ipv6, lldp]",
         "ethertype: [ipv4, ipv6, lldp]"},
        {"ethertype_hex", "ethertype: 0x88cc", "ethertype: lldp"},
        {"ethertype_decimal", "ethertype: 2054", "ethertype: arp"},
        {"ethertype_without_name", "ethertype: 0x1234", "ethertype: 4660"},
        {"ethertype_range", "ethertype: 0x0000-0x05dc", "ethertype: 0-1500"},
        {"ethertype_not", "ethertype: {not: arp}",
         "ethertype: [0-2053, 2055-65535]"},
        {"vlan", "vlan: 100", "vlan: 100"},
        {"vlan_lowest", "vlan: 0", "vlan: 0"},
        {"vlan_highest", "vlan: 4095", "vlan: 4095"},
        {"vlan_range", "vlan: 10-20", "vlan: 10-20"},
        {"vlan_list", "vlan: [7, 1, 3-5, 6]", "vlan: [1, 3-7]"},
        {"vlan_none", "vlan: none", "vlan: none"},
        {"vlan_any", "vlan: any", "vlan: 0-4095"},
        {"vlan_none_or_id", "vlan: [none, 5]", "vlan: [none, 5]"},
        {"vlan_not", "vlan: {not: 5}", "vlan: [0-4, 6-4095]"},
        {"vlan_not_none", "vlan: {not: none}", "vlan: 0-4095"},
        {"vlan_not_any", "vlan: {not: any}", "vlan: none"},
        {"vlan_not_none_or_id", "vlan: {not: [none, 5]}",
         "vlan: [0-4, 6-4095]"},
        {"inner_vlan", "inner_vlan: 200", "inner_vlan: 200"},
        {"inner_vlan_none", "vlan: any, inner_vlan: none",
         "vlan: 0-4095, inner_vlan: none"},
        {"inner_vlan_not_range", "inner_vlan: {not: 0-4094}",
         "inner_vlan: 4095"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Address, MatchValue,
    testing::ValuesIn(std::vector<ValueCase>{
        {"family_v4", "family: ipv4", "family: ipv4"},
        {"family_v6", "family: ipv6", "family: ipv6"},
        {"family_not", "family: {not: ipv4}", "family: ipv6"},
        {"family_either", "family: [ipv4, ipv6]",
         "fragment: [none, first, later]"},  // any packet with an IP header
        {"v4", "src: 192.0.2.1", "src: 192.0.2.1"},
        {"v4_prefix", "src: 10.0.0.0/8", "src: 10.0.0.0/8"},
        {"v4_prefix_all", "src: 0.0.0.0/0", "src: 0.0.0.0/0"},
        {"v4_prefix_one", "src: 192.0.2.1/32", "src: 192.0.2.1"},
        {"v4_range", "dst: 192.0.2.1-192.0.2.9", "dst: 192.0.2.1-192.0.2.9"},
        {"v4_range_that_is_prefix", "dst: 192.0.2.8-192.0.2.11",
         "dst: 192.0.2.8/30"},
        {"v4_range_of_one", "dst: 192.0.2.8-192.0.2.8", "dst: 192.0.2.8"},
        {"v4_range_to_the_end", "dst: 255.255.255.254-255.255.255.255",
         "dst: 255.255.255.254/31"},
        {"v4_list_overlaps",
         "src: [192.0.2.0/25, 192.0.2.128/25, 192.0.2.5, 203.0.113.1]",
         "src: [192.0.2.0/24, 203.0.113.1]"},
        {"v6", "src: 2001:db8::1", "src: 2001:db8::1"},
        {"v6_longhand", "src: 2001:0DB8:0:0:0:0:0:1", "src: 2001:db8::1"},
        {"v6_prefix", "src: 2001:db8::/32", "src: 2001:db8::/32"},
        {"v6_prefix_all", "src: \"::/0\"", "src: ::/0"},
        {"v6_prefix_one", "src: 2001:db8::1/128", "src: 2001:db8::1"},
        {"v6_range", "dst: 2001:db8::1-2001:db8::9",
         "dst: 2001:db8::1-2001:db8::9"},
        {"v6_v4_inside", "dst: \"::ffff:192.0.2.1\"", "dst: ::ffff:192.0.2.1"},
        {"v6_last", "dst: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "dst: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"mixed", "src: [2001:db8::/48, 203.0.113.0/24, 192.0.2.1]",
         "src: [192.0.2.1, 203.0.113.0/24, 2001:db8::/48]"},
        {"not_v4", "src: {not: 10.0.0.0/8}", "src: {not: 10.0.0.0/8}"},
        {"not_mixed", "src: {not: [10.0.0.0/8, 2001:db8::/32]}",
         "src: {not: [10.0.0.0/8, 2001:db8::/32]}"},
        {"set", "src: \"@v4\"", "src: @v4"},
        {"set_single_quotes", "src: '@v4'", "src: @v4"},
        {"set_mixed", "dst: \"@both\"", "dst: @both"},
        {"set_list", "src: [\"@v6\", \"@v4\", \"@v6\"]", "src: [@v4, @v6]"},
        {"set_and_address", "src: [\"@v4\", 192.0.2.1]",
         "src: [192.0.2.1, @v4]"},
        {"set_not", "src: {not: \"@both\"}", "src: {not: @both}"},
        {"set_empty_fits_any_family", "src: \"@empty\", dst: 192.0.2.1",
         "src: @empty, dst: 192.0.2.1"},
        {"set_mixed_fits_family", "src: \"@both\", family: ipv6",
         "family: ipv6, src: @both"},
        {"nested_lists", "src: [[192.0.2.1], [192.0.2.3, [192.0.2.5]]]",
         "src: [192.0.2.1, 192.0.2.3, 192.0.2.5]"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Header, MatchValue,
    testing::ValuesIn(std::vector<ValueCase>{
        {"protocol_name", "protocol: tcp", "protocol: tcp"},
        {"protocol_number", "protocol: 17", "protocol: udp"},
        {"protocol_without_name", "protocol: 253", "protocol: 253"},
        {"protocol_list", "protocol: [udp, tcp, 50]",
         "protocol: [tcp, udp, esp]"},
        {"protocol_range", "protocol: 0-255", "protocol: 0-255"},
        {"protocol_not", "protocol: {not: tcp}", "protocol: [0-5, 7-255]"},
        {"protocol_icmpv6", "protocol: icmpv6", "protocol: icmpv6"},
        {"protocol_icmpv6_iana", "protocol: ipv6-icmp", "protocol: icmpv6"},
        {"ttl", "ttl: 64", "ttl: 64"},
        {"ttl_range", "ttl: 0-5", "ttl: 0-5"},
        {"ttl_highest", "ttl: 255", "ttl: 255"},
        {"ttl_list", "ttl: [255, 1]", "ttl: [1, 255]"},
        {"ttl_not", "ttl: {not: 255}", "ttl: 0-254"},
        {"dscp_name", "dscp: ef", "dscp: ef"},
        {"dscp_number", "dscp: 46", "dscp: ef"},
        {"dscp_hex", "dscp: 0x2e", "dscp: ef"},
        {"dscp_range", "dscp: 0-63", "dscp: 0-63"},
        {"dscp_list", "dscp: [af11, cs6, 63]", "dscp: [af11, cs6, 63]"},
        {"dscp_not", "dscp: {not: cs0}", "dscp: 1-63"},
        {"ecn_name", "ecn: ce", "ecn: ce"},
        {"ecn_number", "ecn: 0", "ecn: not-ect"},
        {"ecn_ect0_is_two", "ecn: 2", "ecn: ect0"},
        {"ecn_ect1_is_one", "ecn: 1", "ecn: ect1"},
        {"ecn_not", "ecn: {not: not-ect}", "ecn: 1-3"},
        {"length", "length: 40", "length: 40"},
        {"length_range", "length: 1280-1500", "length: 1280-1500"},
        {"length_of_largest_v6", "length: 65575", "length: 65575"},
        {"fragment_none", "fragment: none", "fragment: none"},
        {"fragment_first", "fragment: first", "fragment: first"},
        {"fragment_later", "fragment: later", "fragment: later"},
        {"fragment_any", "fragment: any", "fragment: [first, later]"},
        {"fragment_list", "fragment: [none, first]", "fragment: [none, first]"},
        {"fragment_not", "fragment: {not: later}", "fragment: [none, first]"},
        {"fragment_not_any", "fragment: {not: any}", "fragment: none"},
        {"ip_options", "ip_options: true", "ip_options: true"},
        {"ip_options_false", "ip_options: false", "ip_options: false"},
        {"ip_options_not", "ip_options: {not: true}", "ip_options: false"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Transport, MatchValue,
    testing::ValuesIn(std::vector<ValueCase>{
        {"dst_port", "dst_port: 22", "dst_port: 22"},
        {"dst_port_lowest", "dst_port: 0", "dst_port: 0"},
        {"dst_port_highest", "dst_port: 65535", "dst_port: 65535"},
        {"dst_port_quoted", "dst_port: \"22\"", "dst_port: 22"},
        {"dst_port_name", "dst_port: ssh", "dst_port: 22"},
        {"dst_port_name_with_dash", "dst_port: ftp-data", "dst_port: 20"},
        {"dst_port_range", "dst_port: 8000-8099", "dst_port: 8000-8099"},
        {"dst_port_list", "dst_port: [https, 80, 81]",
         "dst_port: [80-81, 443]"},
        {"dst_port_not", "dst_port: {not: 80}", "dst_port: [0-79, 81-65535]"},
        {"dst_port_set", "dst_port: \"@web\"",
         "dst_port: [80, 443, 8000-8099]"},
        {"dst_port_set_and_number", "dst_port: [\"@web\", 22]",
         "dst_port: [22, 80, 443, 8000-8099]"},
        {"src_port_not_set", "src_port: {not: \"@web\"}",
         "src_port: [0-79, 81-442, 444-7999, 8100-65535]"},
        {"src_port", "src_port: domain", "src_port: 53"},
        {"port", "port: 53", "port: 53"},
        {"port_list", "port: [53, 5353]", "port: [53, 5353]"},
        {"port_set", "port: \"@web\"", "port: [80, 443, 8000-8099]"},
        {"port_not", "port: {not: 80}", "port: {not: 80}"},
        {"port_with_protocol", "protocol: [tcp, udp], port: 53",
         "protocol: [tcp, udp], port: 53"},
        {"flag", "tcp_flags: syn", "tcp_flags: \"syn/syn\""},
        {"flags_list_asks_for_all", "tcp_flags: [ack, syn]",
         "tcp_flags: \"syn,ack/syn,ack\""},
        {"flags_mask", "tcp_flags: \"syn/syn,ack\"",
         "tcp_flags: \"syn/syn,ack\""},
        {"flags_mask_list_is_or", "tcp_flags: [\"syn/syn,ack\", rst/rst]",
         "tcp_flags: [\"rst/rst\", \"syn/syn,ack\"]"},
        {"flags_none", "tcp_flags: none/all",
         "tcp_flags: \"none/fin,syn,rst,psh,ack,urg\""},
        {"flags_number", "tcp_flags: 0x02/0x12", "tcp_flags: \"syn/syn,ack\""},
        {"flags_every_name",
         "tcp_flags: [fin, syn, rst, psh, ack, urg, ece, cwr]",
         "tcp_flags: \"fin,syn,rst,psh,ack,urg,ece,cwr/"
         "fin,syn,rst,psh,ack,urg,ece,cwr\""},
        {"flags_not", "tcp_flags: {not: \"syn/syn,ack\"}",
         "tcp_flags: {not: \"syn/syn,ack\"}"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Icmp, MatchValue,
    testing::ValuesIn(std::vector<ValueCase>{
        {"type_name", "icmp_type: echo-request", "icmp_type: v4 8"},
        {"type_number", "icmp_type: 8", "icmp_type: v4 8"},
        {"type_range", "icmp_type: 0-8", "icmp_type: v4 0-8"},
        {"type_list", "icmp_type: [echo-request, echo-reply, 13]",
         "icmp_type: [v4 0, v4 8, v4 13]"},
        {"type_not", "icmp_type: {not: echo-request}",
         "icmp_type: [v4 0-7, v4 9-255]"},
        {"type_protocol_says_v6", "protocol: icmpv6, icmp_type: echo-request",
         "protocol: icmpv6, icmp_type: v6 128"},
        {"type_protocol_number_says_v6", "protocol: 58, icmp_type: 128",
         "protocol: icmpv6, icmp_type: v6 128"},
        {"type_family_says_v6", "family: ipv6, icmp_type: echo-request",
         "family: ipv6, icmp_type: v6 128"},
        {"type_address_says_v6", "src: 2001:db8::/32, icmp_type: 128",
         "src: 2001:db8::/32, icmp_type: v6 128"},
        {"type_set_says_v6", "src: \"@v6\", icmp_type: echo-reply",
         "src: @v6, icmp_type: v6 129"},
        {"type_ethertype_says_v6", "ethertype: ipv6, icmp_type: 1",
         "ethertype: ipv6, icmp_type: v6 1"},
        {"type_name_says_v6", "icmp_type: nd-neighbor-solicit",
         "icmp_type: v6 135"},
        {"type_names_of_both", "icmp_type: [echo-request, nd-neighbor-advert]",
         "icmp_type: [v4 8, v6 136]"},
        {"type_not_v6", "icmp_type: {not: nd-redirect}",
         "icmp_type: [v6 0-136, v6 138-255]"},
        {"code", "icmp_type: 3, icmp_code: 4",
         "icmp_type: v4 3, icmp_code: v4 4"},
        {"code_name",
         "icmp_type: destination-unreachable, "
         "icmp_code: frag-needed",
         "icmp_type: v4 3, icmp_code: v4 4"},
        {"code_name_by_family",
         "family: ipv6, icmp_type: destination-unreachable, "
         "icmp_code: port-unreachable",
         "family: ipv6, icmp_type: v6 1, icmp_code: v6 4"},
        {"code_alone", "icmp_code: 0", "icmp_code: v4 0"},
        {"code_name_says_v6", "icmp_code: no-route", "icmp_code: v6 0"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Payload, MatchValue,
    testing::ValuesIn(std::vector<ValueCase>{
        {"ether", "payload: {at: ether, offset: 12, bytes: 0806}",
         "payload: {at: ether, offset: 12, bytes: 0806, mask: ffff}"},
        {"ip", "payload: {at: ip, offset: 9, bytes: \"06\"}",
         "payload: {at: ip, offset: 9, bytes: 06, mask: ff}"},
        {"l4_mask",
         "payload: {at: l4, offset: 13, bytes: \"02\", mask: \"12\"}",
         "payload: {at: l4, offset: 13, bytes: 02, mask: 12}"},
        {"data", "payload: {at: data, offset: 0, bytes: DEADbeef}",
         "payload: {at: data, offset: 0, bytes: deadbeef, mask: ffffffff}"},
        {"hex_prefix", "payload: {at: data, offset: 0, bytes: 0xcafe}",
         "payload: {at: data, offset: 0, bytes: cafe, mask: ffff}"},
        {"sixteen_bytes",
         "payload: {at: data, offset: 65535, "
         "bytes: 000102030405060708090a0b0c0d0e0f}",
         "payload: {at: data, offset: 65535, "
         "bytes: 000102030405060708090a0b0c0d0e0f, "
         "mask: ffffffffffffffffffffffffffffffff}"},
        {"not", "payload: {not: {at: data, offset: 2, bytes: ff}}",
         "payload: {not: {at: data, offset: 2, bytes: ff, mask: ff}}"},
    }),
    name_of);

// Nothing asked: every packet.
TEST(EmptyMatch, MatchesEveryPacket) {
  for (const char* match : {"", "    match:\n", "    match: {}\n",
                            "    match: ~\n", "    match: null\n"}) {
    auto checked = check_text(std::string("version: 1\nrules:\n  - name: r\n") +
                              match + "    action: pass\n");
    ASSERT_TRUE(checked.policy) << match << checked.findings();
    EXPECT_EQ(checked.policy->rules[0].match, Match()) << match;
  }
}

// Block style, quotes, comments and line ends are YAML's business.
TEST(BlockStyle, MeansTheSame) {
  auto checked = check_text(
      "version: 1\r\n"
      "rules:\r\n"
      "  # the office\r\n"
      "  - name: r  # a name\r\n"
      "    match:\r\n"
      "      src:\r\n"
      "        - 203.0.113.0/24\r\n"
      "        - '2001:db8:1::/48'\r\n"
      "      protocol: tcp\r\n"
      "      dst_port:\r\n"
      "        not:\r\n"
      "        - 22\r\n"
      "    action: pass\r\n");
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(match_text(*checked.policy),
            "src: [203.0.113.0/24, 2001:db8:1::/48], protocol: tcp, "
            "dst_port: [0-21, 23-65535]");
}

}  // namespace
}  // namespace xdpgate::test
