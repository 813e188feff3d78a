// SPDX-License-Identifier: GPL-2.0-only
// The words of the language against the numbers of IANA and nft, and each
// word once in its table.
#include "policy/names.h"

#include <gtest/gtest.h>

#include <set>

namespace xdpgate {
namespace {

struct TableCase {
  std::string name;
  const NameTable* table;
  std::vector<NamedNumber> rows;  ///< some that must be there
  std::uint32_t max;
};

class Names : public testing::TestWithParam<TableCase> {};

TEST_P(Names, HaveTheirNumbers) {
  for (const auto& [name, number] : GetParam().rows) {
    EXPECT_EQ(GetParam().table->number(name), number) << name;
  }
}

TEST_P(Names, AreThereOnceAndInRange) {
  std::set<std::string_view> seen;
  for (std::string_view name : GetParam().table->names()) {
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_LE(*GetParam().table->number(name), GetParam().max) << name;
  }
}

TEST_P(Names, DoNotLookLikeNumbers) {
  for (std::string_view name : GetParam().table->names()) {
    EXPECT_FALSE(name[0] >= '0' && name[0] <= '9') << name;
  }
}

TEST_P(Names, OfNumbersWithoutOneAreTheNumbers) {
  EXPECT_EQ(GetParam().table->number("nonsense"), std::nullopt);
  EXPECT_EQ(GetParam().table->text(4'000'000), "4000000");
}

INSTANTIATE_TEST_SUITE_P(
    Table, Names,
    testing::ValuesIn(std::vector<TableCase>{
        {"protocol",
         &protocol_names(),
         {{"icmp", 1},
          {"igmp", 2},
          {"tcp", 6},
          {"udp", 17},
          {"dccp", 33},
          {"ipv6", 41},
          {"gre", 47},
          {"esp", 50},
          {"ah", 51},
          {"icmpv6", 58},
          {"ipv6-icmp", 58},
          {"ospf", 89},
          {"pim", 103},
          {"vrrp", 112},
          {"sctp", 132},
          {"udplite", 136}},
         255},
        {"service",
         &service_names(),
         {{"echo", 7},
          {"qotd", 17},
          {"chargen", 19},
          {"ftp-data", 20},
          {"ftp", 21},
          {"ssh", 22},
          {"telnet", 23},
          {"smtp", 25},
          {"domain", 53},
          {"bootps", 67},
          {"bootpc", 68},
          {"tftp", 69},
          {"http", 80},
          {"pop3", 110},
          {"sunrpc", 111},
          {"ntp", 123},
          {"imap2", 143},
          {"snmp", 161},
          {"snmp-trap", 162},
          {"bgp", 179},
          {"ldap", 389},
          {"https", 443},
          {"isakmp", 500},
          {"syslog", 514},
          {"dhcpv6-client", 546},
          {"dhcpv6-server", 547},
          {"submission", 587},
          {"ldaps", 636},
          {"imaps", 993},
          {"pop3s", 995},
          {"openvpn", 1194},
          {"mysql", 3306},
          {"sip", 5060},
          {"mdns", 5353},
          {"postgresql", 5432}},
         65535},
        {"ethertype",
         &ethertype_names(),
         {{"ipv4", 0x0800},
          {"arp", 0x0806},
          {"ipv6", 0x86dd},
          {"mpls", 0x8847},
          {"pppoe-discovery", 0x8863},
          {"pppoe-session", 0x8864},
          {"eapol", 0x888e},
          {"lldp", 0x88cc},
          {"macsec", 0x88e5},
          {"ptp", 0x88f7}},
         0xffff},
        {"icmp_type",
         &icmp_type_names(Family::kIpv4),
         {{"echo-reply", 0},
          {"destination-unreachable", 3},
          {"source-quench", 4},
          {"redirect", 5},
          {"echo-request", 8},
          {"router-advertisement", 9},
          {"router-solicitation", 10},
          {"time-exceeded", 11},
          {"parameter-problem", 12},
          {"timestamp-request", 13},
          {"timestamp-reply", 14},
          {"info-request", 15},
          {"info-reply", 16},
          {"address-mask-request", 17},
          {"address-mask-reply", 18}},
         255},
        {"icmpv6_type",
         &icmp_type_names(Family::kIpv6),
         {{"destination-unreachable", 1},
          {"packet-too-big", 2},
          {"time-exceeded", 3},
          {"parameter-problem", 4},
          {"echo-request", 128},
          {"echo-reply", 129},
          {"mld-listener-query", 130},
          {"mld-listener-report", 131},
          {"mld-listener-done", 132},
          {"mld-listener-reduction", 132},
          {"nd-router-solicit", 133},
          {"nd-router-advert", 134},
          {"nd-neighbor-solicit", 135},
          {"nd-neighbor-advert", 136},
          {"nd-redirect", 137},
          {"router-renumbering", 138},
          {"ind-neighbor-solicit", 141},
          {"ind-neighbor-advert", 142},
          {"mld2-listener-report", 143}},
         255},
        {"icmp_code",
         &icmp_code_names(Family::kIpv4),
         {{"net-unreachable", 0},
          {"host-unreachable", 1},
          {"prot-unreachable", 2},
          {"port-unreachable", 3},
          {"frag-needed", 4},
          {"net-prohibited", 9},
          {"host-prohibited", 10},
          {"admin-prohibited", 13}},
         255},
        {"icmpv6_code",
         &icmp_code_names(Family::kIpv6),
         {{"no-route", 0},
          {"admin-prohibited", 1},
          {"addr-unreachable", 3},
          {"port-unreachable", 4},
          {"policy-fail", 5},
          {"reject-route", 6}},
         255},
        {"dscp",
         &dscp_names(),
         {{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},
          {"cs5", 40},  {"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12},
          {"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22}, {"af31", 26},
          {"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38},
          {"ef", 46},   {"le", 1},    {"df", 0}},
         63},
        {"ecn",
         &ecn_names(),
         {{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}},
         3},
        {"tcp_flag",
         &tcp_flag_names(),
         {{"fin", 0x01},
          {"syn", 0x02},
          {"rst", 0x04},
          {"psh", 0x08},
          {"ack", 0x10},
          {"urg", 0x20},
          {"ece", 0x40},
          {"cwr", 0x80}},
         0xff},
    }),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace xdpgate
