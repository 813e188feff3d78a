// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/policy_words.h"

#include <algorithm>

namespace xdpgate::test {
namespace {

const Words kAddresses = {"192.0.2.1",
                          "192.0.2.0/24",
                          "192.0.2.128/25",
                          "198.51.100.0/24",
                          "198.51.100.7",
                          "203.0.113.8/29",
                          "0.0.0.0/0",
                          "128.0.0.0/1",
                          "192.0.2.3-192.0.2.9",
                          "192.0.2.250-198.51.100.7",
                          "\"2001:db8::1\"",
                          "\"2001:db8::/32\"",
                          "\"2001:db8:0:1::/64\"",
                          "\"::/0\"",
                          "\"2001:db8::5-2001:db8::1:9\"",
                          "\"2001:db8:8000::/33\"",
                          "\"fe80::/10\"",
                          "\"ff02::1\""};
const Words kPorts = {"80",    "443",       "22",         "0",     "65535",
                      "80-90", "0-1023",    "1024-65535", "53",    "\"@web\"",
                      "5353",  "1000-2000", "ssh",        "domain"};
const Words kMacs = {"\"02:00:00:00:00:01\"",
                     "\"02:00:00:00:00:02\"",
                     "\"01:00:00:00:00:00/01:00:00:00:00:00\"",
                     "\"02:00:00:00:00:00/ff:ff:ff:00:00:00\"",
                     "\"00:00:00:00:00:01/00:00:00:00:00:ff\"",
                     "\"ff:ff:ff:ff:ff:ff\""};
const Words kVlans = {"0", "5", "100", "4095", "5-100", "none", "any"};
// The last two lie behind a driver's first buffer.
const Words kPayloads = {
    "{at: ether, offset: 12, bytes: \"0800\"}",
    "{at: ether, offset: 0, bytes: \"02\"}",
    "{at: ip, offset: 9, bytes: \"06\"}",
    "{at: ip, offset: 0, bytes: \"40\", mask: \"f0\"}",
    "{at: l4, offset: 0, bytes: \"0050\", mask: \"00ff\"}",
    "{at: l4, offset: 13, bytes: \"02\", mask: \"02\"}",
    "{at: data, offset: 0, bytes: \"00000000\"}",
    "{at: data, offset: 3, bytes: \"00112233445566778899aabbccddeeff\"}",
    "{at: ether, offset: 4000, bytes: \"a0\", mask: \"f0\"}",
    "{at: data, offset: 3600, bytes: \"5a5a\"}"};

const std::vector<KeyWords> kKeys = {
    {"src", Style::kAddress, kAddresses},
    {"dst", Style::kAddress, kAddresses},
    {"protocol",
     Style::kList,
     {"tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "dccp", "udplite", "esp",
      "0", "255", "6-17"}},
    {"dst_port", Style::kList, kPorts},
    {"src_port", Style::kList, kPorts},
    {"port", Style::kList, kPorts},
    {"tcp_flags",
     Style::kFlags,
     {"\"syn/syn,ack\"", "\"ack/ack\"", "\"rst/rst\"",
      "\"fin,psh,urg/fin,syn,rst,psh,ack,urg\"", "\"syn/syn\"", "\"none/all\"",
      "\"ece,cwr/ece,cwr\"", "\"0x200/0xe00\""}},
    {"icmp_type",
     Style::kList,
     {"echo-request", "echo-reply", "destination-unreachable", "0", "3", "8",
      "128-129", "133-137", "nd-neighbor-solicit"}},
    {"icmp_code",
     Style::kList,
     {"0", "1", "3", "0-2", "4-255", "port-unreachable", "no-route"}},
    {"interface", Style::kList, {"i0", "i1", "i2", "i3"}},
    {"src_mac", Style::kList, kMacs},
    {"dst_mac", Style::kList, kMacs},
    {"ethertype",
     Style::kList,
     {"arp", "ipv4", "ipv6", "lldp", "0x0806", "0x8864", "0-1500"}},
    {"vlan", Style::kList, kVlans},
    {"inner_vlan", Style::kList, kVlans},
    {"family", Style::kOneOrNot, {"ipv4", "ipv6"}},
    {"ttl", Style::kList, {"1", "64", "0-10", "64-255", "255"}},
    {"dscp", Style::kList, {"cs0", "ef", "af11", "0-10", "46", "63"}},
    {"ecn", Style::kList, {"not-ect", "ce", "1", "0-2"}},
    {"length",
     Style::kList,
     {"40", "20-60", "61-65535", "28", "0-100", "1500", "3000-65535"}},
    {"fragment", Style::kList, {"none", "first", "later", "any"}},
    {"ip_options", Style::kOne, {"true", "false"}},
    {"payload", Style::kOneOrNot, kPayloads},
};

const Words kFlagLists = {"[syn]", "[syn, ack]", "[ack]", "[fin, psh]"};

}  // namespace

const std::vector<KeyWords>& key_words() { return kKeys; }

const KeyWords& words_of(const std::string& key) {
  return *std::ranges::find(kKeys, key, &KeyWords::key);
}

const Words& flag_lists() { return kFlagLists; }

}  // namespace xdpgate::test
