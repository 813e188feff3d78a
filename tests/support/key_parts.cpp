// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/key_parts.h"

#include <algorithm>
#include <stdexcept>

namespace xdpgate::test {
namespace {

// Copies one member of a match; from an empty match: clears it.
using Copy = void (*)(Match& to, const Match& from);

template <auto kMember>
void copy(Match& to, const Match& from) {
  to.*kMember = from.*kMember;
}

struct Part {
  std::string key;
  Copy copy;
};

const std::vector<Part> kParts = {
    {"interface", copy<&Match::interface>},
    {"src_mac", copy<&Match::src_mac>},
    {"dst_mac", copy<&Match::dst_mac>},
    {"ethertype", copy<&Match::ethertype>},
    {"vlan", copy<&Match::vlan>},
    {"inner_vlan", copy<&Match::inner_vlan>},
    {"family", copy<&Match::family>},
    {"src", copy<&Match::src>},
    {"dst", copy<&Match::dst>},
    {"protocol", copy<&Match::protocol>},
    {"src_port", copy<&Match::src_port>},
    {"dst_port", copy<&Match::dst_port>},
    {"port", copy<&Match::port>},
    {"tcp_flags", copy<&Match::tcp_flags>},
    {"icmp_type", copy<&Match::icmp_type>},
    {"icmp_code", copy<&Match::icmp_code>},
    {"ttl", copy<&Match::ttl>},
    {"dscp", copy<&Match::dscp>},
    {"ecn", copy<&Match::ecn>},
    {"length", copy<&Match::length>},
    {"fragment", copy<&Match::fragment>},
    {"ip_options", copy<&Match::ip_options>},
    {"payload", copy<&Match::payload>},
};

const Part& part(const std::string& key) {
  const auto found = std::ranges::find(kParts, key, &Part::key);
  if (found == kParts.end()) throw std::runtime_error("no match key " + key);
  return *found;
}

}  // namespace

const std::vector<std::string>& all_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names;
    for (const Part& part : kParts) names.push_back(part.key);
    return names;
  }();
  return keys;
}

Match only(const Match& match, const std::string& key) {
  Match result;
  part(key).copy(result, match);
  return result;
}

Match without(const Match& match, const std::string& key) {
  Match result = match;
  part(key).copy(result, Match{});
  return result;
}

}  // namespace xdpgate::test
