// SPDX-License-Identifier: GPL-2.0-only
// interface, src_mac, dst_mac, ethertype, vlan, inner_vlan.
#include "compile/dimension.h"

namespace xdpgate {
namespace {

// Interfaces as intervals of ifindex; names that do not exist are left out.
NumberSet ifindexes(const InterfaceMatch& match,
                    const CompileOptions& options) {
  std::vector<Interval<std::uint32_t>> found;
  for (const auto& name : match.names) {
    const std::uint32_t index = options.ifindex ? options.ifindex(name) : 0;
    if (index != 0) found.push_back({index, index});
  }
  NumberSet set(std::move(found));
  return match.negated ? set.complement(0xffffffff) : set;
}

Dimension interface_dimension(const InterfaceMatch& match,
                              const CompileOptions& options) {
  Dimension dimension;
  const NumberSet indexes = ifindexes(match, options);
  for (const auto& [lo, hi] : indexes.intervals()) {
    dimension.any_of.push_back(number_condition(
        XG_W_IFINDEX, 0, 0xffffffff, NumberSet::range(lo, hi)));
  }
  return dimension;
}

Test mac_test(const MacPattern& pattern, bool is_dst, bool negated) {
  Test test;
  test.kind = XG_TEST_MAC;
  test.word = is_dst ? 1 : 0;
  test.negated = negated;
  test.mask = static_cast<std::uint32_t>(pattern.mask >> 16);
  test.a = static_cast<std::uint32_t>(pattern.value >> 16) & test.mask;
  const auto low_mask = static_cast<std::uint32_t>(pattern.mask & 0xffff);
  const auto low = static_cast<std::uint32_t>(pattern.value) & low_mask;
  test.b = low_mask << 16 | low;
  return test;
}

Dimension mac_dimension(const MacMatch& match, bool is_dst) {
  Dimension dimension;
  if (match.negated) dimension.any_of.emplace_back();
  for (const MacPattern& pattern : match.any_of) {
    if (!match.negated) dimension.any_of.emplace_back();
    dimension.any_of.back().tests.push_back(
        mac_test(pattern, is_dst, match.negated));
  }
  return dimension;
}

Dimension vlan_dimension(const VlanMatch& match, std::uint32_t flag,
                         unsigned shift) {
  Dimension dimension;
  if (match.untagged) dimension.any_of.push_back(flag_condition(0, flag));
  if (!match.ids.empty()) {
    auto tagged = flag_condition(flag).with(
        number_condition(XG_W_VLAN, shift, 0xfff, match.ids));
    if (tagged) dimension.any_of.push_back(std::move(*tagged));
  }
  return dimension;
}

// An IP packet's ethertype is known from its kind; only the others are tested.
Dimension ethertype_dimension(const NumberSet& types, xg_kind kind) {
  Dimension dimension;
  if (kind != XG_KIND_OTHER) {
    if (types.contains(kind == XG_KIND_IPV4 ? 0x0800 : 0x86dd)) {
      dimension.any_of.emplace_back();
    }
    return dimension;
  }
  if (types.empty()) return dimension;
  auto known = flag_condition(XG_F_ETHERTYPE)
                   .with(number_condition(XG_W_ETHER, 0, 0xffff, types));
  if (known) dimension.any_of.push_back(std::move(*known));
  return dimension;
}

}  // namespace

void add_link_dimensions(const Match& match, xg_kind kind,
                         const ShapeContext& context, Dimensions& dimensions) {
  if (match.interface) {
    dimensions.push_back(
        interface_dimension(*match.interface, context.options));
  }
  if (match.src_mac) dimensions.push_back(mac_dimension(*match.src_mac, false));
  if (match.dst_mac) dimensions.push_back(mac_dimension(*match.dst_mac, true));
  if (match.ethertype) {
    dimensions.push_back(ethertype_dimension(*match.ethertype, kind));
  }
  if (match.vlan) {
    dimensions.push_back(vlan_dimension(*match.vlan, XG_F_TAG1, 0));
  }
  if (match.inner_vlan) {
    dimensions.push_back(vlan_dimension(*match.inner_vlan, XG_F_TAG2, 12));
  }
}

}  // namespace xdpgate
