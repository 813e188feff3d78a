// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/box_match.h"

#include <algorithm>
#include <utility>

namespace xdpgate {
namespace {

constexpr std::size_t kMaxPayloadBytes = 16;
constexpr std::uint32_t kMaxOffset = 0xffff;

template <class T>
IntervalSet<T> narrowed(const Numbers& numbers) {
  std::vector<Interval<T>> intervals;
  for (const auto& [lo, hi] : numbers.intervals()) {
    intervals.push_back({static_cast<T>(lo), static_cast<T>(hi)});
  }
  return IntervalSet<T>(std::move(intervals));
}

NumberSet number_set(const Values& values) {
  return narrowed<std::uint32_t>(values.numbers);
}

std::uint8_t at(const Cube& cube, std::uint32_t place, bool mask) {
  const auto found = std::ranges::find(cube, place, &ByteTest::at);
  if (found == cube.end()) return 0;
  return mask ? found->mask : found->value;
}

// The `count` first bytes as one number.
std::uint64_t number_of(const Cube& cube, std::uint32_t count, bool mask) {
  std::uint64_t number = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    number = number << 8 | at(cube, i, mask);
  }
  return number;
}

MacMatch mac_match(const CubeSet& cubes) {
  MacMatch match;
  for (const Cube& cube : cubes) {
    match.any_of.push_back(
        {number_of(cube, 6, false), number_of(cube, 6, true)});
  }
  return match;
}

FlagsMatch flags_match(const CubeSet& cubes) {
  FlagsMatch match;
  for (const Cube& cube : cubes) {
    match.any_of.push_back(
        {static_cast<std::uint16_t>(number_of(cube, 2, false) & 0xfff),
         static_cast<std::uint16_t>(number_of(cube, 2, true) & 0xfff)});
  }
  return match;
}

class MatchMaker {
 public:
  MatchMaker(const FieldBox& box, const Space& space, Dice& dice)
      : box_(box), space_(space), dice_(dice) {}

  Match run() {
    link();
    if (box_.kind->family) network();
    payload(PayloadBase::kEther, kEtherBytes, kEtherEnd);
    payload(PayloadBase::kIp, kIpBytes, kFields);
    payload(PayloadBase::kL4, kL4Bytes, kL4End);
    payload(PayloadBase::kData, kDataBytes, kDataEnd);
    return std::move(match_);
  }

 private:
  void interface() {
    const Numbers& asked = box_.values[kInterface]->numbers;
    const auto& names = space_.interfaces();
    InterfaceMatch match;
    match.negated = asked.contains(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (asked.contains(i) != match.negated) match.names.push_back(names[i]);
    }
    match_.interface = std::move(match);
  }

  void vlan(SpaceField field, std::optional<VlanMatch>& match) const {
    if (!box_.kind->has(field)) return;
    const NumberSet ids = number_set(box_.of(field));
    if (ids.covers(0, kNoTag)) return;
    match = VlanMatch{ids.intersected(NumberSet::range(0, kNoTag - 1)),
                      ids.contains(kNoTag)};
  }

  void link() {
    if (box_.asks(kInterface)) interface();
    if (box_.asks(kSrcMac)) {
      match_.src_mac = mac_match(box_.values[kSrcMac]->cubes);
    }
    if (box_.asks(kDstMac)) {
      match_.dst_mac = mac_match(box_.values[kDstMac]->cubes);
    }
    if (!box_.kind->family && box_.kind->has(kEthertype)) {
      match_.ethertype = number_set(box_.of(kEthertype));
    }
    vlan(kVlan, match_.vlan);
    vlan(kInnerVlan, match_.inner_vlan);
  }

  void address(SpaceField field, std::optional<AddressMatch>& match) const {
    if (!box_.asks(field)) return;
    const Numbers& asked = box_.values[field]->numbers;
    match.emplace();
    if (box_.kind->family == Family::kIpv4) {
      match->listed.v4 = narrowed<std::uint32_t>(asked);
    } else {
      match->listed.v6 = asked;
    }
  }

  void numbers(SpaceField field, std::optional<NumberSet>& set) const {
    if (box_.asks(field)) set = number_set(*box_.values[field]);
  }

  void icmp(SpaceField field, std::optional<IcmpMatch>& match) const {
    if (!box_.asks(field)) return;
    match.emplace();
    const bool v4 = box_.kind->family == Family::kIpv4;
    (v4 ? match->v4 : match->v6) = number_set(*box_.values[field]);
  }

  void network() {
    match_.family = box_.kind->family;
    address(kSrc, match_.src);
    address(kDst, match_.dst);
    numbers(kTtl, match_.ttl);
    numbers(kDscp, match_.dscp);
    numbers(kEcn, match_.ecn);
    numbers(kLength, match_.length);
    numbers(kSrcPort, match_.src_port);
    numbers(kDstPort, match_.dst_port);
    icmp(kIcmpType, match_.icmp_type);
    icmp(kIcmpCode, match_.icmp_code);
    if (box_.asks(kTcpFlags)) {
      match_.tcp_flags = flags_match(box_.values[kTcpFlags]->cubes);
    }
    if (box_.kind->has(kProtocol)) {
      match_.protocol = number_set(box_.of(kProtocol));
    }
    if (box_.kind->has(kFragmentOptions)) fragment_options();
  }

  // With options or without: one of the two, where the states differ.
  void fragment_options() {
    const Numbers& codes = box_.of(kFragmentOptions).numbers;
    auto states = [&](std::uint32_t options) {
      return FragmentMatch{codes.contains(options), codes.contains(2 + options),
                           codes.contains(4 + options)};
    };
    const bool none_asked = !box_.asks(kFragmentOptions);
    const FragmentMatch with = states(1);
    const FragmentMatch without = states(0);
    const bool any_with = with.none || with.first || with.later;
    const bool any_without = without.none || without.first || without.later;
    match_.fragment = any_without ? without : with;
    if (none_asked) {
      match_.fragment->first = with.first || without.first;
      return;
    }
    if (any_with && any_without && with == without) return;
    const bool options = !any_without || (any_with && dice_.one_in(2));
    match_.fragment = options ? with : without;
    match_.ip_options = options;
  }

  void add_payload(PayloadBase base, std::uint32_t from,
                   std::vector<std::uint8_t> bytes,
                   std::vector<std::uint8_t> mask) {
    match_.payload.push_back(
        {base, from, std::move(bytes), std::move(mask), false});
  }

  // One match for every run of bytes; one that looks at none for the end.
  void payload(PayloadBase base, SpaceField bytes, SpaceField end) {
    if (box_.asks(bytes)) run_of(base, dice_.pick(box_.values[bytes]->cubes));
    if (end == kFields || !box_.asks(end)) return;
    const U128 least = box_.values[end]->numbers.intervals().front().lo;
    if (least == 0 || least > kMaxOffset) return;
    add_payload(base, static_cast<std::uint32_t>(least) - 1, {0}, {0});
  }

  void run_of(PayloadBase base, const Cube& cube) {
    for (std::size_t i = 0; i < cube.size();) {
      const std::uint32_t from = cube[i].at;
      std::vector<std::uint8_t> bytes, mask;
      for (; i < cube.size() && cube[i].at - from < kMaxPayloadBytes; ++i) {
        bytes.resize(cube[i].at - from + 1);
        mask.resize(bytes.size());
        bytes.back() = cube[i].value;
        mask.back() = cube[i].mask;
      }
      add_payload(base, from, std::move(bytes), std::move(mask));
    }
  }

  const FieldBox& box_;
  const Space& space_;
  Dice& dice_;
  Match match_;
};

}  // namespace

Match match_of(const FieldBox& box, const Space& space, Dice& dice) {
  return MatchMaker(box, space, dice).run();
}

}  // namespace xdpgate
