// SPDX-License-Identifier: GPL-2.0-only
// Match keys below IP: interface, MACs, ethertype, VLAN tags.
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <net/if.h>

#include <algorithm>

#include "policy/check_interface.h"
#include "policy/check_match.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

constexpr std::uint16_t kTags[] = {ETH_P_8021Q, ETH_P_8021AD, 0x9100};

template <class T>
void sort_unique(std::vector<T>& values, auto before) {
  std::ranges::sort(values, before);
  auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

void read_mac(MatchReader& reader, const KeyUse& use,
              std::optional<MacMatch>& member) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  auto patterns = parse_items(reader.context, value->items, parse_mac_pattern);
  if (!patterns) return;
  sort_unique(*patterns, [](const MacPattern& a, const MacPattern& b) {
    return std::pair(a.value, a.mask) < std::pair(b.value, b.mask);
  });
  member = MacMatch{std::move(*patterns), value->negated};
}

// A VLAN word: an id or range, or one that stands for all or no ids.
struct VlanItem {
  NumberSet ids = {};
  bool untagged = false;
  bool any = false;  // the word
};

Parsed<VlanItem> parse_vlan(std::string_view text, const ValueForm& form) {
  if (text == "none") return VlanItem{.untagged = true};
  if (text == "any")
    return VlanItem{.ids = NumberSet::range(0, form.numbers->max), .any = true};
  auto range = parse_number_range(text, *form.numbers);
  if (!range) {
    Complaint wrong = range.error();
    std::string nearest = nearest_hint(text, form.words);
    if (!nearest.empty()) wrong.hint = nearest;
    return std::unexpected(wrong);
  }
  return VlanItem{.ids = NumberSet::range(range->lo, range->hi)};
}

// Only packets with a tag have an id that can be another one; the word `any`
// is about the tag itself.
VlanMatch negated(const VlanMatch& match, bool any, std::uint32_t max_id) {
  return {match.ids.complement(max_id), any && !match.untagged};
}

void read_tag(MatchReader& reader, const KeyUse& use,
              std::optional<VlanMatch>& member) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  auto items = parse_items(
      reader.context, value->items,
      [&](std::string_view text) { return parse_vlan(text, use.form); });
  if (!items) return;
  VlanMatch match;
  bool any = false;
  std::vector<Interval<std::uint32_t>> ids;
  for (const VlanItem& item : *items) {
    match.untagged |= item.untagged;
    any |= item.any;
    ids.insert(ids.end(), item.ids.intervals().begin(),
               item.ids.intervals().end());
  }
  match.ids = NumberSet(std::move(ids));
  member = value->negated ? negated(match, any, use.form.numbers->max)
                          : match;
}

void refuse_tags(MatchReader& reader, const KeyUse& use) {
  auto is_tag = [&](std::uint32_t number) {
    return std::ranges::find(kTags, number) != std::end(kTags);
  };
  const auto& types = *reader.match.ethertype;
  bool only_tags = std::ranges::all_of(types.intervals(), [&](auto range) {
    return range.lo == range.hi && is_tag(range.lo);
  });
  if (types.empty() || !only_tags) return;
  reader.context.error(use.value,
                       "`ethertype` is what stands behind the VLAN tags, so "
                       "it is never that of a tag",
                       "`vlan: any` matches packets with a tag");
}

}  // namespace

void read_interface(MatchReader& reader, const KeyUse& use) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  auto names = parse_items(reader.context, value->items, parse_interface_name);
  if (!names) return;
  sort_unique(*names, std::less<>());
  reader.match.interface = InterfaceMatch{std::move(*names), value->negated};
}

void read_src_mac(MatchReader& reader, const KeyUse& use) {
  read_mac(reader, use, reader.match.src_mac);
}

void read_dst_mac(MatchReader& reader, const KeyUse& use) {
  read_mac(reader, use, reader.match.dst_mac);
}

void read_ethertype(MatchReader& reader, const KeyUse& use) {
  auto types = read_numbers(reader, use);
  if (!types) return;
  reader.match.ethertype = types;
  refuse_tags(reader, use);
  std::string text = "ethertype";
  if (use.value.kind == NodeKind::kScalar) {
    text += fmt::format(": {}", reader.context.text(use.value));
  }
  reader.families.push_back({&use.key, in_quotes(text),
                             types->contains(ETH_P_IP),
                             types->contains(ETH_P_IPV6), false});
}

void read_vlan(MatchReader& reader, const KeyUse& use) {
  read_tag(reader, use, reader.match.vlan);
}

void read_inner_vlan(MatchReader& reader, const KeyUse& use) {
  read_tag(reader, use, reader.match.inner_vlan);
}

}  // namespace xdpgate
