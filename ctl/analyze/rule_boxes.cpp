// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/rule_boxes.h"

#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <algorithm>
#include <utility>

#include "base/hex.h"

namespace xdpgate {
namespace {

// More is treated as a condition that the fields do not tell.
constexpr std::uint64_t kMostCubeSteps = 1 << 18;
// Payload that lies further behind may be beyond the packet path's reach.
constexpr std::uint32_t kFarOffset = 0xffff - 4096;

Cube mac_cube(const MacPattern& pattern) {
  Cube cube;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const unsigned shift = 8 * (5 - i);
    const auto mask = static_cast<std::uint8_t>(pattern.mask >> shift);
    const auto value = static_cast<std::uint8_t>(pattern.value >> shift);
    if (mask != 0) {
      cube.push_back({i, mask, static_cast<std::uint8_t>(value & mask)});
    }
  }
  return cube;
}

Cube flags_cube(const FlagsPattern& pattern) {
  Cube cube;
  for (std::uint32_t i = 0; i < 2; ++i) {
    const unsigned shift = 8 * (1 - i);
    const auto mask = static_cast<std::uint8_t>(pattern.mask >> shift);
    const auto value = static_cast<std::uint8_t>(pattern.set >> shift);
    if (mask != 0) cube.push_back({i, mask, value});
  }
  return cube;
}

Cube payload_cube(const PayloadMatch& payload) {
  Cube cube;
  for (std::uint32_t i = 0; i < payload.bytes.size(); ++i) {
    if (payload.mask[i] == 0) continue;
    cube.push_back({payload.offset + i, payload.mask[i], payload.bytes[i]});
  }
  return cube;
}

// The union of `cubes`, or of what they leave; nothing where that is too much.
std::optional<CubeSet> cube_set(const std::vector<Cube>& cubes, bool negated) {
  Budget budget(kMostCubeSteps);
  CubeSet rest = every_string();
  CubeSet in;
  if (negated) {
    rest = without(rest, cubes, budget);
  } else {
    for (const Cube& cube : cubes) {
      const CubeSet fresh = without({cube}, in, budget);
      in.insert(in.end(), fresh.begin(), fresh.end());
    }
  }
  if (budget.over()) return std::nullopt;
  return negated ? rest : in;
}

// {bytes, end}.
using PayloadFields = std::pair<SpaceField, SpaceField>;

PayloadFields payload_fields(PayloadBase base) {
  switch (base) {
    case PayloadBase::kEther:
      return {kEtherBytes, kEtherEnd};
    case PayloadBase::kIp:
      return {kIpBytes, kLength};
    case PayloadBase::kL4:
      return {kL4Bytes, kL4End};
    case PayloadBase::kData:
      return {kDataBytes, kDataEnd};
  }
  return {kEtherBytes, kEtherEnd};
}

std::string payload_text(const PayloadMatch& payload) {
  return fmt::format("payload {} {} {} {} {}", static_cast<int>(payload.base),
                     payload.offset, hex_text(payload.bytes),
                     hex_text(payload.mask), payload.negated);
}

std::string macs_text(const MacMatch& match, SpaceField field) {
  std::string text =
      fmt::format("mac {} {}", static_cast<int>(field), match.negated);
  for (const MacPattern& pattern : match.any_of) {
    text += fmt::format(" {:x}/{:x}", pattern.value, pattern.mask);
  }
  return text;
}

Values truth(std::uint32_t bit, bool truth) {
  const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
  return {{}, {{{bit / 8, mask, truth ? mask : std::uint8_t{0}}}}};
}

}  // namespace

// Asks one field after the other of one box; once it is impossible, of none.
class BoxMaker::Asker {
 public:
  Asker(BoxMaker& maker, const Kind& kind) : maker_(maker) {
    box_.kind = &kind;
  }

  [[nodiscard]] const FieldBox& box() const { return box_; }
  [[nodiscard]] bool possible() const { return possible_; }
  [[nodiscard]] const Kind& kind() const { return *box_.kind; }
  void fail() { possible_ = false; }

  void ask(SpaceField field, const Values& values) {
    if (!possible_) return;
    const auto& domain = kind().domain[field];
    if (!domain) return fail();
    Budget budget;
    Budget trial(kMostCubeSteps);  // whether it leaves anything out at all
    if (!box_.asks(field) && covers(values, *domain, trial)) return;
    Values both = intersected(box_.of(field), values, budget);
    if (both.empty()) return fail();
    box_.set(field, maker_.keep(std::move(both)));
  }
  // Values that live as long as the maker.
  void ask_kept(SpaceField field, const Values& values) {
    if (!possible_) return;
    Budget budget;
    const auto& domain = kind().domain[field];
    if (!domain || values.empty()) return fail();
    if (!covers(values, *domain, budget)) box_.set(field, &values);
  }
  void ask(SpaceField field, const std::optional<NumberSet>& set) {
    if (set) ask(field, numbers(*set));
  }
  template <class Condition>
  void ask_unknown(const Condition& condition, bool holds = true) {
    ask(kUnknown, truth(maker_.space_.unknown_bit(condition), holds));
  }
  // Cubes, or a condition of its own where they are too many.
  void ask(SpaceField field, const std::vector<Cube>& cubes, bool negated,
           const std::string& condition) {
    if (!possible_ || !kind().has(field)) return fail();
    auto set = cube_set(cubes, negated);
    if (!set || set->size() * box_.of(field).cubes.size() > kMostCubeSteps) {
      return ask_unknown(condition);
    }
    ask(field, Values{{}, std::move(*set)});
  }

  void link(const Match& match);
  void network(const Match& match);
  void transport(const Match& match);
  void payload(const PayloadMatch& payload);
  /// For each way to satisfy `match` an asker that asks for it.
  [[nodiscard]] std::vector<Asker> with_address(
      SpaceField field, const std::optional<AddressMatch>& match) const;
  [[nodiscard]] std::vector<Asker> with_port(
      const std::optional<EitherPortMatch>& match) const;

 private:
  void macs(SpaceField field, const std::optional<MacMatch>& match);
  void vlan(SpaceField field, const std::optional<VlanMatch>& match);
  void interface(const InterfaceMatch& match);
  void fragment_options(const Match& match);
  void icmp(SpaceField field, const std::optional<IcmpMatch>& match);

  BoxMaker& maker_;
  FieldBox box_;
  bool possible_ = true;
};

void BoxMaker::Asker::macs(SpaceField field,
                           const std::optional<MacMatch>& match) {
  if (!match) return;
  std::vector<Cube> cubes;
  for (const MacPattern& pattern : match->any_of) {
    cubes.push_back(mac_cube(pattern));
  }
  ask(field, cubes, match->negated, macs_text(*match, field));
}

void BoxMaker::Asker::vlan(SpaceField field,
                           const std::optional<VlanMatch>& match) {
  if (!match) return;
  NumberSet ids = match->ids;
  if (match->untagged) ids = ids.united(NumberSet::of(kNoTag));
  ask(field, numbers(ids));
}

void BoxMaker::Asker::interface(const InterfaceMatch& match) {
  std::vector<Interval<std::uint32_t>> intervals;
  for (const std::string& name : match.names) {
    const std::uint32_t number = maker_.space_.interface_number(name);
    intervals.push_back({number, number});
  }
  NumberSet set(std::move(intervals));
  const auto others =
      static_cast<std::uint32_t>(maker_.space_.interfaces().size());
  if (match.negated) set = set.complement(others);
  ask(kInterface, numbers(set));
}

void BoxMaker::Asker::link(const Match& match) {
  if (match.interface) interface(*match.interface);
  macs(kSrcMac, match.src_mac);
  macs(kDstMac, match.dst_mac);
  ask(kEthertype, match.ethertype);
  vlan(kVlan, match.vlan);
  vlan(kInnerVlan, match.inner_vlan);
}

std::vector<BoxMaker::Asker> BoxMaker::Asker::with_address(
    SpaceField field, const std::optional<AddressMatch>& match) const {
  if (!match) return {*this};
  if (!possible_ || !kind().family) return {};
  Asker listed = *this;
  listed.ask_kept(field, maker_.addresses(*match, *kind().family));
  std::vector<Asker> ways;
  for (std::uint32_t number : match->sets) {
    const NamedAddressSet& set = maker_.policy_.address_sets[number];
    if (!set.dynamic) continue;
    const InDynamicSet condition{set.name, field};
    if (match->negated) {
      listed.ask_unknown(condition, false);
    } else {
      ways.push_back(*this);
      ways.back().ask_unknown(condition);
    }
  }
  if (listed.possible()) ways.push_back(listed);
  return ways;
}

std::vector<BoxMaker::Asker> BoxMaker::Asker::with_port(
    const std::optional<EitherPortMatch>& match) const {
  if (!match) return {*this};
  const NumberSet all = NumberSet::range(0, 0xffff);
  const NumberSet others = match->ports.complement(0xffff);
  std::vector<Asker> ways;
  auto add = [&](const NumberSet& src, const NumberSet& dst) {
    Asker way = *this;
    way.ask(kSrcPort, src);
    way.ask(kDstPort, dst);
    if (way.possible()) ways.push_back(std::move(way));
  };
  if (match->negated) {
    add(others, others);
  } else {
    add(match->ports, all);
    add(others, match->ports);
  }
  return ways;
}

void BoxMaker::Asker::fragment_options(const Match& match) {
  if (!match.fragment && !match.ip_options) return;
  const FragmentMatch fragment =
      match.fragment.value_or(FragmentMatch{true, true, true});
  const bool states[] = {fragment.none, fragment.first, fragment.later};
  std::vector<Interval<std::uint32_t>> codes;
  for (std::uint32_t code = 0; code < 6; ++code) {
    const bool options = code % 2 != 0;
    if (states[code / 2] && match.ip_options.value_or(options) == options) {
      codes.push_back({code, code});
    }
  }
  ask(kFragmentOptions, numbers(NumberSet(std::move(codes))));
}

void BoxMaker::Asker::network(const Match& match) {
  if (match.family && kind().family != match.family) return fail();
  ask(kTtl, match.ttl);
  ask(kDscp, match.dscp);
  ask(kEcn, match.ecn);
  ask(kLength, match.length);
  fragment_options(match);
}

void BoxMaker::Asker::icmp(SpaceField field,
                           const std::optional<IcmpMatch>& match) {
  if (!match) return;
  if (!kind().family) return fail();
  ask(field, numbers(*kind().family == Family::kIpv4 ? match->v4 : match->v6));
}

void BoxMaker::Asker::transport(const Match& match) {
  ask(kProtocol, match.protocol);
  ask(kSrcPort, match.src_port);
  ask(kDstPort, match.dst_port);
  icmp(kIcmpType, match.icmp_type);
  icmp(kIcmpCode, match.icmp_code);
  if (match.tcp_flags) {
    std::vector<Cube> cubes;
    for (const FlagsPattern& pattern : match.tcp_flags->any_of) {
      if ((pattern.set & ~pattern.mask) != 0) continue;  // never holds
      cubes.push_back(flags_cube(pattern));
    }
    ask(kTcpFlags, cubes, match.tcp_flags->negated, "flags");
  }
}

void BoxMaker::Asker::payload(const PayloadMatch& payload) {
  const auto [bytes, end] = payload_fields(payload.base);
  if (!kind().has(bytes)) return fail();
  // A contradiction moves the packet's end to the frame's.
  const bool moved = !kind().well_formed && payload.base != PayloadBase::kEther;
  if (moved || payload.offset > kFarOffset) {
    return ask_unknown(payload_text(payload));
  }
  ask(end, numbers(payload.offset + payload.bytes.size(), ~U128{0}));
  ask(bytes, {payload_cube(payload)}, payload.negated, payload_text(payload));
}

const Values* BoxMaker::keep(Values values) {
  store_.push_back(std::move(values));
  return &store_.back();
}

Values BoxMaker::address_union(const AddressMatch& match, Family family) const {
  std::vector<Interval<U128>> all;
  auto add = [&](const AddressSet& set) {
    if (family == Family::kIpv6) {
      const auto& from = set.v6.intervals();
      all.insert(all.end(), from.begin(), from.end());
      return;
    }
    for (const auto& [lo, hi] : set.v4.intervals()) all.push_back({lo, hi});
  };
  add(match.listed);
  for (std::uint32_t set : match.sets) add(policy_.address_sets[set].elements);
  Numbers result(std::move(all));
  const U128 last = family == Family::kIpv4 ? U128{0xffffffff} : ~U128{0};
  if (match.negated) result = result.complement(last);
  return {std::move(result), {}};
}

// A single set may be large and stand in many rules, so it is kept once.
const Values& BoxMaker::addresses(const AddressMatch& match, Family family) {
  const bool one_set =
      match.listed.empty() && match.sets.size() == 1 && !match.negated;
  if (!one_set) return *keep(address_union(match, family));
  auto [place, fresh] = sets_.try_emplace({match.sets[0], family}, nullptr);
  if (fresh) place->second = keep(address_union(match, family));
  return *place->second;
}

void BoxMaker::add_boxes(const Match& match, const Kind& kind,
                         std::vector<FieldBox>& boxes) {
  Asker asker(*this, kind);
  asker.link(match);
  asker.network(match);
  asker.transport(match);
  for (const PayloadMatch& payload : match.payload) asker.payload(payload);
  if (!asker.possible()) return;
  for (const Asker& by_src : asker.with_address(kSrc, match.src)) {
    for (const Asker& by_dst : by_src.with_address(kDst, match.dst)) {
      for (const Asker& way : by_dst.with_port(match.port)) {
        boxes.push_back(way.box());
      }
    }
  }
}

std::vector<FieldBox> BoxMaker::boxes_of(const Match& match) {
  std::vector<FieldBox> boxes;
  for (const Kind& kind : space_.kinds()) add_boxes(match, kind, boxes);
  return boxes;
}

}  // namespace xdpgate
