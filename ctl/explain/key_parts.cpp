// SPDX-License-Identifier: GPL-2.0-only
#include "explain/key_parts.h"

namespace xdpgate {
namespace {

// Copies one member from one match to another; false where it asks for nothing.
template <auto kMember>
bool take(const Match& from, Match& to) {
  if (!(from.*kMember)) return false;
  to.*kMember = from.*kMember;
  return true;
}

bool take_payload(const Match& from, Match& to) {
  to.payload = from.payload;
  return !from.payload.empty();
}

struct Row {
  std::string_view key;
  bool (*take)(const Match& from, Match& to);
};

constexpr Row kRows[] = {
    {"interface", take<&Match::interface>},
    {"src_mac", take<&Match::src_mac>},
    {"dst_mac", take<&Match::dst_mac>},
    {"ethertype", take<&Match::ethertype>},
    {"vlan", take<&Match::vlan>},
    {"inner_vlan", take<&Match::inner_vlan>},
    {"family", take<&Match::family>},
    {"src", take<&Match::src>},
    {"dst", take<&Match::dst>},
    {"protocol", take<&Match::protocol>},
    {"src_port", take<&Match::src_port>},
    {"dst_port", take<&Match::dst_port>},
    {"port", take<&Match::port>},
    {"tcp_flags", take<&Match::tcp_flags>},
    {"icmp_type", take<&Match::icmp_type>},
    {"icmp_code", take<&Match::icmp_code>},
    {"ttl", take<&Match::ttl>},
    {"dscp", take<&Match::dscp>},
    {"ecn", take<&Match::ecn>},
    {"length", take<&Match::length>},
    {"fragment", take<&Match::fragment>},
    {"ip_options", take<&Match::ip_options>},
    {"payload", take_payload},
};

}  // namespace

std::vector<KeyPart> key_parts(const Match& match) {
  std::vector<KeyPart> parts;
  for (const Row& row : kRows) {
    KeyPart part{row.key, {}};
    if (row.take(match, part.alone)) parts.push_back(std::move(part));
  }
  return parts;
}

std::vector<std::string_view> part_names() {
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.key);
  return names;
}

}  // namespace xdpgate
