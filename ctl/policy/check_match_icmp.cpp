// SPDX-License-Identifier: GPL-2.0-only
// Match keys `icmp_type` and `icmp_code`. One word may stand for a number of
// ICMP and another of ICMPv6; the other keys of the rule say which is meant.
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "policy/check_match.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kMax = 255;

using NamesOf = const NameTable& (*)(Family);

// One number, range or name, by family; nothing where a name is not of one.
struct IcmpItem {
  const Node* node;
  bool is_name;
  std::optional<Interval<std::uint32_t>> v4, v6;
};

// One of the two keys in use.
struct IcmpKey {
  std::string_view name;
  const Node* key;
  bool negated;
  std::vector<IcmpItem> items;

  // Whether each item is a name that `family` lacks.
  [[nodiscard]] bool all_lack(Family family) const {
    return std::ranges::all_of(items, [&](const IcmpItem& item) {
      return !(family == Family::kIpv4 ? item.v4 : item.v6);
    });
  }
};

Complaint unknown_name(std::string_view text, const NumberField& field,
                       NamesOf names) {
  auto all = names(Family::kIpv4).names();
  std::vector<std::string_view> known(all.begin(), all.end());
  all = names(Family::kIpv6).names();
  known.insert(known.end(), all.begin(), all.end());
  std::string hint = nearest_hint(text, known);
  if (hint.empty()) {
    hint = fmt::format("{} is a number 0-{} or a name", field.what, field.max);
  }
  return {fmt::format("{} is not {}", in_quotes(text), field.what), hint};
}

std::optional<Interval<std::uint32_t>> named(std::string_view text,
                                             const NameTable& names) {
  auto number = names.number(text);
  if (!number) return std::nullopt;
  return Interval<std::uint32_t>{*number, *number};
}

Parsed<IcmpItem> parse_item(std::string_view text, const NumberField& field,
                            NamesOf names) {
  auto v4 = named(text, names(Family::kIpv4));
  auto v6 = named(text, names(Family::kIpv6));
  if (v4 || v6) return IcmpItem{nullptr, true, v4, v6};
  if (text.empty() || text[0] < '0' || text[0] > '9') {
    return std::unexpected(unknown_name(text, field, names));
  }
  auto range = parse_number_range(text, field);
  if (!range) return std::unexpected(range.error());
  return IcmpItem{nullptr, false, *range, *range};
}

std::optional<IcmpKey> read_key(Context& context, std::string_view name,
                                const std::optional<Value>& value,
                                const Node* key, NamesOf names) {
  if (!value) return std::nullopt;
  NumberField field{name == "icmp_type" ? "an ICMP type" : "an ICMP code",
                    kMax};
  auto items = parse_items(context, value->items, [&](std::string_view text) {
    return parse_item(text, field, names);
  });
  const auto& nodes = value->items.nodes;
  if (!items || items->size() != nodes.size()) return std::nullopt;
  for (std::size_t i = 0; i < nodes.size(); ++i) (*items)[i].node = nodes[i];
  return IcmpKey{name, key, value->negated, std::move(*items)};
}

// What family, protocol and addresses leave for ICMP.
Families families_for_icmp(const MatchReader& reader) {
  Families families = possible_families(reader);
  const auto& protocol = reader.match.protocol;
  if (!protocol) return families;
  return {families.v4 && protocol->contains(IPPROTO_ICMP),
          families.v6 && protocol->contains(IPPROTO_ICMPV6)};
}

// What is wrong with a name that `families`, of which there is one, lack.
std::string foreign_name(Context& context, const Node& node,
                         Families families) {
  return fmt::format(
      "{} is a name of {} only, but the rest of the rule "
      "matches only {}",
      in_quotes(context.text(node)), families.v4 ? "ICMPv6" : "ICMP in IPv4",
      families.v4 ? "ICMP in IPv4" : "ICMPv6");
}

// Names that only one family has decide for that one. False, after an error,
// where the rest of the rule has decided for the other.
bool narrow(Context& context, const IcmpKey& key, Families& families) {
  bool v4 = families.v4 && !key.all_lack(Family::kIpv4);
  bool v6 = families.v6 && !key.all_lack(Family::kIpv6);
  if (v4 || v6) {
    families = {v4, v6};
    return true;
  }
  context.error(*key.items[0].node,
                foreign_name(context, *key.items[0].node, families),
                "no packet is both, so the rule would match nothing");
  return false;
}

// Adds an item to the families it means. `both`: to all of `families`;
// otherwise numbers and shared names mean ICMP where there is a choice.
bool add_item(const IcmpItem& item, Families families, bool both,
              std::vector<Interval<std::uint32_t>>& v4,
              std::vector<Interval<std::uint32_t>>& v6) {
  bool to_v4 = families.v4 && item.v4;
  bool to_v6 = families.v6 && item.v6 && (both || !to_v4);
  if (to_v4) v4.push_back(*item.v4);
  if (to_v6) v6.push_back(*item.v6);
  return to_v4 || to_v6;
}

std::optional<IcmpMatch> resolve(Context& context, const IcmpKey& key,
                                 Families families, bool both) {
  std::vector<Interval<std::uint32_t>> v4, v6;
  bool sound = true;
  for (const IcmpItem& item : key.items) {
    if (add_item(item, families, both, v4, v6)) continue;
    context.error(*item.node, foreign_name(context, *item.node, families),
                  "it would match nothing here");
    sound = false;
  }
  if (!sound) return std::nullopt;
  IcmpMatch match{NumberSet(std::move(v4)), NumberSet(std::move(v6))};
  if (!key.negated) return match;
  // A negated type still asks for the ICMP of its family.
  if (!match.v4.empty()) match.v4 = match.v4.complement(kMax);
  if (!match.v6.empty()) match.v6 = match.v6.complement(kMax);
  return match;
}

void read_later(MatchReader& reader, const KeyUse& use,
                std::optional<Value>& value, const Node*& key) {
  NumberSet both =
      NumberSet::of(IPPROTO_ICMP).united(NumberSet::of(IPPROTO_ICMPV6));
  reader.protocols.push_back({&use.key, use.name, both, "`icmp` or `icmpv6`"});
  value = read_value(reader.context, use.value, use.name);
  key = &use.key;
}

// The families that items of `key` mean on their own.
Families families_meant(const IcmpKey& key, Families families) {
  Families meant{false, false};
  for (const IcmpItem& item : key.items) {
    bool to_v4 = families.v4 && item.v4;
    meant.v4 |= to_v4;
    meant.v6 |= families.v6 && item.v6 && !to_v4;
  }
  return meant;
}

}  // namespace

void read_icmp_type(MatchReader& reader, const KeyUse& use) {
  read_later(reader, use, reader.icmp_type, reader.icmp_type_key);
}

void read_icmp_code(MatchReader& reader, const KeyUse& use) {
  read_later(reader, use, reader.icmp_code, reader.icmp_code_key);
}

void finish_icmp(MatchReader& reader, bool consistent) {
  Context& context = reader.context;
  auto type = read_key(context, "icmp_type", reader.icmp_type,
                       reader.icmp_type_key, icmp_type_names);
  auto code = read_key(context, "icmp_code", reader.icmp_code,
                       reader.icmp_code_key, icmp_code_names);
  if (!consistent || (!type && !code)) return;
  Families families = families_for_icmp(reader);
  if (!families.v4 && !families.v6) {
    const IcmpKey& key = type ? *type : *code;
    context.error(*key.key,
                  fmt::format("{} needs ICMP in IPv4 or ICMPv6 in IPv6, which "
                              "the rest of the rule excludes",
                              in_quotes(key.name)));
    return;
  }
  if (type && !narrow(context, *type, families)) return;
  if (code && !narrow(context, *code, families)) return;
  if (type) {
    reader.match.icmp_type = resolve(context, *type, families, false);
    families = families_meant(*type, families);
  }
  if (code) {
    reader.match.icmp_code = resolve(context, *code, families, bool(type));
  }
}

}  // namespace xdpgate
