// SPDX-License-Identifier: GPL-2.0-only
// Protocols and ethertypes: the names of nft and of IANA.
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr NamedNumber kProtocols[] = {
    {"hopopt", 0},       {"icmp", 1},       {"igmp", 2},
    {"ggp", 3},          {"ipencap", 4},    {"st", 5},
    {"tcp", 6},          {"egp", 8},        {"igp", 9},
    {"udp", 17},         {"dccp", 33},      {"ipv6", 41},
    {"ipv6-route", 43},  {"ipv6-frag", 44}, {"rsvp", 46},
    {"gre", 47},         {"esp", 50},       {"ah", 51},
    {"icmpv6", 58},      {"ipv6-icmp", 58}, {"ipv6-nonxt", 59},
    {"ipv6-opts", 60},   {"eigrp", 88},     {"ospf", 89},
    {"ipip", 94},        {"etherip", 97},   {"pim", 103},
    {"ipcomp", 108},     {"vrrp", 112},     {"l2tp", 115},
    {"isis", 124},       {"sctp", 132},     {"fc", 133},
    {"mobility", 135},   {"udplite", 136},  {"udp-lite", 136},
    {"mpls-in-ip", 137}, {"manet", 138},    {"hip", 139},
    {"shim6", 140},      {"wesp", 141},     {"rohc", 142},
    {"ethernet", 143},
};

// The tags (0x8100, 0x88a8, 0x9100) are not here: `ethertype` is what stands
// behind them.
constexpr NamedNumber kEthertypes[] = {
    {"ipv4", 0x0800},
    {"ip", 0x0800},
    {"arp", 0x0806},
    {"wol", 0x0842},
    {"trill", 0x22f3},
    {"batman", 0x4305},
    {"rarp", 0x8035},
    {"aarp", 0x80f3},
    {"appletalk", 0x809b},
    {"ipx", 0x8137},
    {"ipv6", 0x86dd},
    {"ip6", 0x86dd},
    {"pause", 0x8808},
    {"lacp", 0x8809},
    {"mpls", 0x8847},
    {"mpls-multicast", 0x8848},
    {"pppoe-discovery", 0x8863},
    {"pppoe-session", 0x8864},
    {"eapol", 0x888e},
    {"profinet", 0x8892},
    {"aoe", 0x88a2},
    {"ethercat", 0x88a4},
    {"goose", 0x88b8},
    {"lldp", 0x88cc},
    {"sercos3", 0x88cd},
    {"homeplug", 0x88e1},
    {"macsec", 0x88e5},
    {"pbb", 0x88e7},
    {"ptp", 0x88f7},
    {"prp", 0x88fb},
    {"cfm", 0x8902},
    {"fcoe", 0x8906},
    {"fip", 0x8914},
    {"roce", 0x8915},
    {"hsr", 0x892f},
    {"loopback", 0x9000},
};

}  // namespace

const NameTable& protocol_names() {
  static const NameTable table(kProtocols);
  return table;
}

const NameTable& ethertype_names() {
  static const NameTable table(kEthertypes);
  return table;
}

}  // namespace xdpgate
