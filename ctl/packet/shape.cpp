// SPDX-License-Identifier: GPL-2.0-only
#include "packet/shape.h"

#include <algorithm>
#include <functional>

#include "packet/draw_address.h"
#include "packet/packet_spec.h"

namespace xdpgate {
namespace {

constexpr std::uint8_t kOwnHeader[] = {6, 17, 1, 58, 132, 136, 33};
constexpr Fragment kFragments[] = {Fragment::kNone, Fragment::kFirst,
                                   Fragment::kLater};

bool asks_at(const Match& match, PayloadBase base) {
  return std::ranges::any_of(
      match.payload, [&](const PayloadMatch& p) { return p.base == base; });
}

bool asks_ip(const Match& m) {
  return m.family || m.src || m.dst || m.protocol || m.ttl || m.dscp || m.ecn ||
         m.length || m.fragment || m.ip_options ||
         asks_at(m, PayloadBase::kIp);
}

bool has_icmp(const std::optional<IcmpMatch>& asked, Family family) {
  if (!asked) return true;
  return !(family == Family::kIpv4 ? asked->v4 : asked->v6).empty();
}

const NumberSet& with_ports() {
  static const NumberSet set(
      {{6, 6}, {17, 17}, {33, 33}, {132, 132}, {136, 136}});
  return set;
}

// Not the numbers of extension headers.
const NumberSet& upper_of_v6() {
  static const NumberSet set =
      NumberSet({{0, 0}, {43, 44}, {51, 51}, {60, 60}, {135, 135}, {139, 140}})
          .complement(255);
  return set;
}

// Ethertypes that are neither tags nor IP.
const NumberSet& other_types() {
  static const NumberSet set = NumberSet({{0x0800, 0x0800},
                                          {0x8100, 0x8100},
                                          {0x86dd, 0x86dd},
                                          {0x88a8, 0x88a8},
                                          {0x9100, 0x9100}})
                                   .complement(0xffff);
  return set;
}

}  // namespace

ShapeSpace::ShapeSpace(const Policy& policy, const Match& match)
    : match_(match),
      needs_ports_(match.src_port || match.dst_port || match.port),
      needs_icmp_(match.icmp_type || match.icmp_code),
      needs_upper_(needs_ports_ || needs_icmp_ || match.tcp_flags ||
                   asks_at(match, PayloadBase::kL4)),
      needs_data_(asks_at(match, PayloadBase::kData)) {
  judge_tags();
  judge_kinds(policy);
}

void ShapeSpace::judge_tags() {
  auto may_be = [](const std::optional<VlanMatch>& asked, bool tagged) {
    return !asked || (tagged ? !asked->ids.empty() : asked->untagged);
  };
  for (int count = 0; count < 5; ++count) {
    tags_[count] = may_be(match_.vlan, count > 0) &&
                   may_be(match_.inner_vlan, count > 1);
  }
}

void ShapeSpace::judge_kinds(const Policy& policy) {
  const auto& types = match_.ethertype;
  v4_ = (!types || types->contains(kEtherIpv4)) &&
        ip_may_match(policy, Family::kIpv4);
  v6_ = (!types || types->contains(kEtherIpv6)) &&
        ip_may_match(policy, Family::kIpv6);
  other_ = !needs_upper_ && !needs_data_ && !asks_ip(match_) &&
           (!types || !types->intersected(other_types()).empty());
}

bool ShapeSpace::ip_may_match(const Policy& policy, Family family) const {
  if (match_.family && match_.family != family) return false;
  for (const auto* address : {&match_.src, &match_.dst}) {
    if (*address && !may_hold(policy, **address, family)) return false;
  }
  return !needs_icmp_ || (has_icmp(match_.icmp_type, family) &&
                          has_icmp(match_.icmp_code, family));
}

bool ShapeSpace::fragment_may_match(Fragment fragment) const {
  if (fragment == Fragment::kLater && (needs_upper_ || needs_data_)) {
    return false;
  }
  if (!match_.fragment) return true;
  switch (fragment) {
    case Fragment::kNone:
      return match_.fragment->none;
    case Fragment::kFirst:
      return match_.fragment->first;
    case Fragment::kLater:
      return match_.fragment->later;
  }
  return false;
}

// `options`: beside the fragment header, which is one itself.
bool ShapeSpace::options_may_match(Family family, Fragment fragment,
                                   bool options) const {
  const bool fragment_header =
      family == Family::kIpv6 && fragment != Fragment::kNone;
  return !match_.ip_options ||
         *match_.ip_options == (options || fragment_header);
}

bool ShapeSpace::empty() const {
  return std::ranges::none_of(tags_, std::identity()) ||
         !(other_ || v4_ || v6_);
}

std::optional<Family> ShapeSpace::any_kind(Traffic traffic, Dice& dice) const {
  const bool rare = traffic == Traffic::kVaried && dice.one_in(8);
  if (other_ && (rare || !(v4_ || v6_))) return std::nullopt;
  if (!v4_ && !v6_) return std::nullopt;
  if (v4_ != v6_) return v4_ ? Family::kIpv4 : Family::kIpv6;
  return dice.one_in(2) ? Family::kIpv4 : Family::kIpv6;
}

// The fewest that the match allows, or some more.
std::uint8_t ShapeSpace::any_tags(Traffic traffic, Dice& dice) const {
  const bool more = traffic == Traffic::kVaried && dice.one_in(5);
  std::uint8_t count = more ? static_cast<std::uint8_t>(dice.below(5)) : 0;
  while (!tags_[count]) count = static_cast<std::uint8_t>((count + 1) % 5);
  return count;
}

void ShapeSpace::any_network(Traffic traffic, Dice& dice, Shape& shape) const {
  const bool varied = traffic == Traffic::kVaried;
  std::size_t first = 0;
  if (match_.fragment || (varied && dice.one_in(10))) first = dice.below(3);
  for (std::size_t i = 0; i < 3; ++i) {
    shape.fragment = kFragments[(first + i) % 3];
    if (fragment_may_match(shape.fragment)) break;
  }
  const bool wants = varied && dice.one_in(10);
  const bool options =
      options_may_match(*shape.family, shape.fragment, wants) ? wants : !wants;
  shape.options = options ? 1 : 0;
  if (options && varied && dice.one_in(4)) shape.options = 2;
}

Shape ShapeSpace::any(Traffic traffic, Dice& dice) const {
  Shape shape;
  shape.family = any_kind(traffic, dice);
  shape.tags = any_tags(traffic, dice);
  if (shape.family) any_network(traffic, dice, shape);
  return shape;
}

void ShapeSpace::add_networks(Shape shape, std::vector<Shape>& shapes) const {
  for (Fragment fragment : kFragments) {
    if (!fragment_may_match(fragment)) continue;
    for (std::uint8_t options = 0; options < 3; ++options) {
      if (!options_may_match(*shape.family, fragment, options > 0)) continue;
      shape.fragment = fragment;
      shape.options = options;
      shape.protocol.reset();
      const NumberSet allowed = protocols(shape);
      if (!allowed.empty()) shapes.push_back(shape);
      for (std::uint8_t protocol : kOwnHeader) {
        if (fragment == Fragment::kLater || !allowed.contains(protocol)) {
          continue;
        }
        shape.protocol = protocol;
        shapes.push_back(shape);
      }
    }
  }
}

std::vector<Shape> ShapeSpace::all() const {
  std::vector<Shape> shapes;
  for (std::uint8_t tags = 0; tags < 5; ++tags) {
    if (!tags_[tags]) continue;
    Shape shape;
    shape.tags = tags;
    if (other_) shapes.push_back(shape);
    for (Family family : {Family::kIpv4, Family::kIpv6}) {
      if (!(family == Family::kIpv4 ? v4_ : v6_)) continue;
      shape.family = family;
      add_networks(shape, shapes);
    }
  }
  return shapes;
}

bool ShapeSpace::any_protocol() const {
  return !match_.protocol && !needs_ports_ && !match_.tcp_flags &&
         !needs_icmp_ && !needs_data_;
}

NumberSet ShapeSpace::protocols(const Shape& shape) const {
  const bool v4 = shape.family == Family::kIpv4;
  const std::uint32_t icmp = v4 ? 1 : 58;
  NumberSet allowed = match_.protocol.value_or(NumberSet::range(0, 255));
  auto keep = [&](const NumberSet& some) {
    allowed = allowed.intersected(some);
  };
  if (needs_ports_) keep(with_ports());
  if (match_.tcp_flags) keep(NumberSet::of(6));
  if (needs_icmp_) keep(NumberSet::of(icmp));
  if (needs_data_) keep(with_ports().united(NumberSet::of(icmp)));
  // A later fragment with such a number has no protocol at all.
  if (!v4 && (shape.fragment != Fragment::kLater || match_.protocol)) {
    keep(upper_of_v6());
  }
  return allowed;
}

}  // namespace xdpgate
