// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/small_matches.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "policy/load.h"

namespace xdpgate::test {
namespace {

struct KeyValues {
  std::string key;
  std::vector<std::string> values;
  bool negatable = true;
};

const std::vector<KeyValues> kValues = {
    {"interface", {"i0", "[i0, i1]"}},
    {"src_mac",
     {"\"02:00:00:00:00:01\"", "\"00:00:00:00:00:00\"",
      "[\"02:00:00:00:00:02\", \"01:00:00:00:00:00/01:00:00:00:00:00\"]"}},
    {"dst_mac",
     {"\"02:00:00:00:00:02\"", "\"02:00:00:00:00:00/ff:ff:ff:ff:ff:fc\""}},
    {"ethertype", {"arp", "ipv4", "[ipv6, 0-1500]"}},
    {"vlan", {"none", "any", "5", "[0, 6-100]"}},
    {"inner_vlan", {"none", "any", "4095"}},
    {"family", {"ipv4", "ipv6"}},
    {"src",
     {"192.0.2.1", "\"2001:db8::/32\"", "192.0.2.1-192.0.2.254",
      "[192.0.2.0/24, \"2001:db8::1\"]", "\"@both\"",
      "[198.51.100.2, \"@both\"]", "0.0.0.0/0"}},
    {"dst",
     {"198.51.100.0/24", "\"2001:db8::2\"", "\"@both\"",
      "[198.51.100.2, \"2001:db8::2-2001:db8::ffff\"]"}},
    {"protocol", {"tcp", "17-58", "[udp, icmp]", "0"}},
    {"src_port", {"1000", "1001-65535", "[7, \"@services\"]"}},
    {"dst_port", {"22", "23-53", "[9, 22, 53]", "\"@services\""}},
    {"port", {"22", "1000-5353", "[0, 65535]"}},
    {"tcp_flags",
     {"[syn]", "\"syn/syn,ack\"", "\"none/all\"", "[\"ack/ack\", \"rst/rst\"]",
      "\"0x800/0xf00\""}},
    {"icmp_type", {"8", "[0, 3]", "nd-neighbor-solicit", "9-255"}},
    {"icmp_code", {"0", "1-255", "no-route"}},
    {"ttl", {"64", "0-63", "[0, 65-255]"}},
    {"dscp", {"ef", "0-45"}},
    {"ecn", {"ce", "[0, 2]"}},
    {"length", {"40", "41-65535", "[20-39, 60]"}},
    {"fragment", {"none", "first", "later", "any"}},
    {"ip_options", {"true", "false"}, false},
    {"payload",
     {"{at: ether, offset: 0, bytes: \"02\"}",
      "{at: ether, offset: 53, bytes: \"00\"}",
      "{at: ip, offset: 9, bytes: \"06\"}",
      "{at: ip, offset: 0, bytes: \"40\", mask: \"f0\"}",
      "{at: l4, offset: 0, bytes: \"03e80016\"}",
      "{at: data, offset: 0, bytes: \"00\"}",
      "{at: data, offset: 1, bytes: \"0000\", mask: \"ff0f\"}"}},
};

std::vector<SmallMatch> all_matches() {
  std::vector<SmallMatch> matches;
  for (const auto& [key, values, negatable] : kValues) {
    for (const std::string& value : values) {
      matches.push_back({key, fmt::format("{}: {}", key, value)});
      if (!negatable) continue;
      matches.push_back({key, fmt::format("{}: {{not: {}}}", key, value)});
    }
  }
  return matches;
}

SmallMatch find(const std::string& text) {
  const auto& all = small_matches();
  const auto found = std::ranges::find(all, text, &SmallMatch::text);
  if (found == all.end()) throw std::runtime_error("no small match: " + text);
  return *found;
}

}  // namespace

const std::vector<SmallMatch>& small_matches() {
  static const std::vector<SmallMatch> matches = all_matches();
  return matches;
}

std::vector<SmallMatch> one_match_a_key() {
  std::vector<SmallMatch> matches;
  for (const SmallMatch& match : small_matches()) {
    if (matches.empty() || matches.back().key != match.key) {
      matches.push_back(match);
    }
  }
  return matches;
}

std::vector<SmallMatch> overlapping_matches() {
  std::vector<SmallMatch> matches;
  for (const char* text :
       {"src: [192.0.2.0/24, \"2001:db8::1\"]", "dst: {not: \"@both\"}",
        "protocol: tcp", "dst_port: 23-53", "port: {not: 22}", "vlan: any",
        "fragment: {not: later}", "length: 41-65535",
        "src_mac: {not: \"02:00:00:00:00:01\"}"}) {
    matches.push_back(find(text));
  }
  return matches;
}

Policy policy_of(const std::vector<SmallMatch>& matches) {
  std::string text =
      "version: 1\nname: small\ninterfaces: [i0, i1]\nsets:\n"
      "  both: {type: address, elements: [192.0.2.1, 198.51.100.0/30, "
      "\"2001:db8::1\"]}\n"
      "  services: {type: port, elements: [22, 53, 5353]}\n"
      "rules:\n";
  for (std::size_t i = 0; i < matches.size(); ++i) {
    text += fmt::format("  - {{name: r{}, match: {{{}}}, action: drop}}\n", i,
                        matches[i].text);
  }
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "small", diagnostics);
  if (policy) return std::move(*policy);
  throw std::runtime_error(diagnostics.sorted().at(0).text());
}

}  // namespace xdpgate::test
