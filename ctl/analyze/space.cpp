// SPDX-License-Identifier: GPL-2.0-only
// The kinds, from docs/architecture.md, "How a packet is read".
#include "analyze/space.h"

#include <linux/if_ether.h>
#include <xdpgate/abi.h>

#include <algorithm>

namespace xdpgate {
namespace {

using Set = NumberSet;

constexpr std::uint32_t kMaxEnd = 0x3ffff;  // of a frame or a part of it
constexpr std::uint32_t kEtherBytesAtLeast = 14;

Set set_of(std::initializer_list<std::uint32_t> members) {
  std::vector<Interval<std::uint32_t>> intervals;
  for (std::uint32_t member : members) intervals.push_back({member, member});
  return Set(std::move(intervals));
}

const Set& tag_types() {
  static const Set set = set_of({0x8100, 0x88a8, 0x9100});
  return set;
}

// Protocols whose headers the reader knows: TCP, others with ports.
const Set& port_protocols() {
  static const Set set = set_of({17, 33, 132, 136});
  return set;
}
const Set& extension_headers() {
  static const Set set = set_of({0, 43, 44, 51, 60, 135, 139, 140});
  return set;
}

Kind link_kind(std::string_view name) {
  Kind kind;
  kind.name = name;
  for (SpaceField field : {kSrcMac, kDstMac, kEtherBytes, kUnknown}) {
    kind.domain[field] = Values{{}, every_string()};
  }
  kind.domain[kEtherEnd] = numbers(kEtherBytesAtLeast, kMaxEnd);
  kind.domain[kVlan] = kind.domain[kInnerVlan] = numbers(0, kNoTag);
  return kind;
}

// What IP headers have, but for protocol and fragmentation.
Kind ip_kind(std::string_view name, Family family) {
  const bool v4 = family == Family::kIpv4;
  Kind kind = link_kind(name);
  kind.family = family;
  kind.domain[kEthertype] = numbers(Set::of(v4 ? ETH_P_IP : ETH_P_IPV6));
  kind.domain[kSrc] = kind.domain[kDst] =
      numbers(0, v4 ? U128{0xffffffff} : ~U128{0});
  kind.domain[kTtl] = numbers(0, 255);
  kind.domain[kDscp] = numbers(0, 63);
  kind.domain[kEcn] = numbers(0, 3);
  kind.domain[kLength] =
      v4 ? numbers(20, XG_LENGTH_MAX) : numbers(40, 40 + 0xffff);
  const std::uint8_t version = v4 ? 0x40 : 0x60;
  kind.domain[kIpBytes] = Values{{}, {{{0, 0xf0, version}}}};
  return kind;
}

constexpr std::uint32_t code(Fragment fragment, bool options) {
  return 2 * static_cast<std::uint32_t>(fragment) + (options ? 1 : 0);
}

// A fragment header is an extension header.
Values whole_or_first(Family family) {
  Set codes = set_of({code(Fragment::kNone, false), code(Fragment::kNone, true),
                      code(Fragment::kFirst, true)});
  if (family == Family::kIpv4) {
    codes = codes.united(Set::of(code(Fragment::kFirst, false)));
  }
  return numbers(codes);
}
Values later(Family family) {
  Set codes = Set::of(code(Fragment::kLater, true));
  if (family == Family::kIpv4) {
    codes = codes.united(Set::of(code(Fragment::kLater, false)));
  }
  return numbers(codes);
}

// `header`: the fewest bytes of the upper layer.
Kind upper_kind(std::string_view name, Family family, const Set& protocols,
                std::uint32_t header) {
  Kind kind = ip_kind(name, family);
  kind.domain[kProtocol] = numbers(protocols);
  kind.domain[kFragmentOptions] = whole_or_first(family);
  const std::uint32_t ip = family == Family::kIpv4 ? 20 : 40;
  kind.domain[kLength]->numbers = kind.domain[kLength]->numbers.intersected(
      Numbers::range(ip + header, XG_LENGTH_MAX));
  kind.domain[kL4Bytes] = Values{{}, every_string()};
  kind.domain[kL4End] = numbers(header, kMaxEnd);
  const auto only = static_cast<std::uint8_t>(protocols.intervals()[0].lo);
  const bool one = protocols == Set::of(only);
  if (one && family == Family::kIpv4) {
    kind.domain[kIpBytes]->cubes[0].push_back({9, 0xff, only});
  }
  return kind;
}

void add_data(Kind& kind) {
  kind.domain[kDataBytes] = Values{{}, every_string()};
  kind.domain[kDataEnd] = numbers(0, kMaxEnd);
}
void add_ports(Kind& kind) {
  kind.domain[kSrcPort] = kind.domain[kDstPort] = numbers(0, 0xffff);
}

Kind tcp_kind(Family family) {
  Kind kind = upper_kind("tcp", family, Set::of(6), 20);
  add_ports(kind);
  add_data(kind);
  kind.domain[kTcpFlags] = Values{{}, {{{0, 0xf0, 0}}}};
  return kind;
}
Kind ports_kind(Family family) {
  Kind kind = upper_kind("ports", family, port_protocols(), 8);
  add_ports(kind);
  add_data(kind);
  return kind;
}
Kind icmp_kind(Family family) {
  const bool v4 = family == Family::kIpv4;
  Kind kind = upper_kind("icmp", family, Set::of(v4 ? 1 : 58), v4 ? 8 : 4);
  kind.domain[kIcmpType] = kind.domain[kIcmpCode] = numbers(0, 255);
  add_data(kind);
  return kind;
}
Kind other_protocol_kind(Family family) {
  const bool v4 = family == Family::kIpv4;
  Set known = port_protocols().united(set_of({6, v4 ? 1u : 58u}));
  if (!v4) known = known.united(extension_headers());
  return upper_kind("other-protocol", family, known.complement(255), 0);
}
Kind later_kind(Family family) {
  Kind kind = ip_kind("later-fragment", family);
  kind.domain[kFragmentOptions] = later(family);
  kind.domain[kProtocol] =
      numbers(family == Family::kIpv4 ? Set::range(0, 255)
                                      : extension_headers().complement(255));
  return kind;
}

std::vector<Kind> well_formed_kinds() {
  std::vector<Kind> kinds;
  for (Family family : {Family::kIpv4, Family::kIpv6}) {
    kinds.push_back(tcp_kind(family));
    kinds.push_back(ports_kind(family));
    kinds.push_back(icmp_kind(family));
    kinds.push_back(other_protocol_kind(family));
    kinds.push_back(later_kind(family));
  }
  // Behind its fragment header stands an extension header again.
  kinds.push_back(later_kind(Family::kIpv6));
  kinds.back().domain[kProtocol].reset();
  Kind other = link_kind("not-ip");
  other.domain[kEthertype] = numbers(
      tag_types().united(set_of({ETH_P_IP, ETH_P_IPV6})).complement(0xffff));
  kinds.push_back(other);
  return kinds;
}

// ---- packets that contradict themselves ----

// What they have before the contradiction; some places here have no packet.
Kind malformed(Kind kind) {
  kind.well_formed = false;
  if (kind.has(kLength)) {
    kind.domain[kLength] = numbers(0, XG_LENGTH_MAX);
  }
  return kind;
}

Kind ether_short_kind() {
  Kind kind = malformed(link_kind("ether-short"));
  kind.domain[kSrcMac].reset();
  kind.domain[kDstMac].reset();
  kind.domain[kVlan] = kind.domain[kInnerVlan] = numbers(kNoTag, kNoTag);
  kind.domain[kEtherEnd] = numbers(0, kEtherBytesAtLeast - 1);
  return kind;
}

Kind before_header(Family family) {
  Kind kind = malformed(link_kind("ip-header"));
  kind.domain[kEthertype] =
      numbers(Set::of(family == Family::kIpv4 ? ETH_P_IP : ETH_P_IPV6));
  return kind;
}

Kind network_only(Family family) {
  Kind kind = malformed(ip_kind("ip-length", family));
  if (family == Family::kIpv4) {
    kind.domain[kProtocol] = numbers(0, 255);
    kind.domain[kFragmentOptions] = numbers(0, 5);
  } else {
    kind.domain[kFragmentOptions] = whole_or_first(family);
  }
  return kind;
}

Kind cut_upper(Family family, bool ports) {
  const bool v4 = family == Family::kIpv4;
  const Set with_ports = set_of({6, 17});
  const Set without = port_protocols().united(set_of({6, v4 ? 1u : 58u}));
  Kind kind = malformed(
      upper_kind("upper-header", family, ports ? with_ports : without, 0));
  kind.domain[kL4End] = numbers(0, kMaxEnd);
  if (ports) add_ports(kind);
  return kind;
}

bool asks_inner_vlan(const Policy& policy) {
  return std::ranges::any_of(policy.rules, [](const Rule& rule) {
    return rule.match.inner_vlan.has_value();
  });
}

// One kind for each number of tags that rules can tell apart.
void split_by_tags(std::vector<Kind>& kinds) {
  std::vector<Kind> result;
  const Values none = numbers(kNoTag, kNoTag);
  const Values any = numbers(0, kNoTag - 1);
  for (const Kind& kind : kinds) {
    if (!kind.has(kSrcMac)) {
      result.push_back(kind);
      continue;
    }
    for (int tags = 0; tags < 3; ++tags) {
      result.push_back(kind);
      result.back().domain[kVlan] = tags > 0 ? any : none;
      result.back().domain[kInnerVlan] = tags > 1 ? any : none;
    }
  }
  kinds = std::move(result);
}

}  // namespace

Space::Space(const std::vector<const Policy*>& policies) {
  bool inner_vlan = false;
  for (const Policy* policy : policies) {
    note_interfaces(*policy);
    malformed_ = malformed_ || policy->malformed == MalformedAction::kMatch;
    inner_vlan = inner_vlan || asks_inner_vlan(*policy);
  }
  std::ranges::sort(interfaces_);
  const auto same = std::ranges::unique(interfaces_);
  interfaces_.erase(same.begin(), same.end());
  add_kinds(inner_vlan);
}

void Space::note_interfaces(const Policy& policy) {
  for (const Rule& rule : policy.rules) {
    if (!rule.match.interface) continue;
    const auto& names = rule.match.interface->names;
    interfaces_.insert(interfaces_.end(), names.begin(), names.end());
  }
}

void Space::add_kinds(bool inner_vlan) {
  kinds_ = well_formed_kinds();
  if (malformed_) add_malformed(kinds_);
  for (Kind& kind : kinds_) {
    kind.domain[kInterface] = numbers(0, interfaces_.size());
  }
  if (inner_vlan) split_by_tags(kinds_);
}

void Space::add_malformed(std::vector<Kind>& kinds) const {
  kinds.push_back(ether_short_kind());
  kinds.push_back(malformed(link_kind("vlan")));
  for (Family family : {Family::kIpv4, Family::kIpv6}) {
    kinds.push_back(before_header(family));
    kinds.push_back(network_only(family));
    kinds.push_back(cut_upper(family, false));
    kinds.push_back(cut_upper(family, true));
  }
}

std::uint32_t Space::interface_number(const std::string& name) const {
  const auto found = std::ranges::lower_bound(interfaces_, name);
  const bool known = found != interfaces_.end() && *found == name;
  return static_cast<std::uint32_t>((known ? found : interfaces_.end()) -
                                    interfaces_.begin());
}

std::uint32_t Space::unknown_bit(const std::string& condition) {
  const auto number = static_cast<std::uint32_t>(unknown_.size());
  return unknown_.emplace(condition, number).first->second;
}

std::uint32_t Space::unknown_bit(const InDynamicSet& condition) {
  const std::uint32_t bit =
      unknown_bit((condition.side == kSrc ? "src @" : "dst @") + condition.set);
  dynamic_.emplace(bit, condition);
  return bit;
}

const InDynamicSet* Space::dynamic_set(std::uint32_t bit) const {
  const auto found = dynamic_.find(bit);
  return found == dynamic_.end() ? nullptr : &found->second;
}

}  // namespace xdpgate
