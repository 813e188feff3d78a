// SPDX-License-Identifier: GPL-2.0-only
// Match keys of the IP header.
#include <fmt/format.h>
#include <netinet/in.h>
#include <xdpgate/abi.h>

#include <algorithm>
#include <utility>

#include "policy/check_match.h"
#include "policy/set_file.h"

namespace xdpgate {
namespace {


// Which families an address match can hold for.
Families families_of(const AddressMatch& match,
                     const std::vector<NamedAddressSet>& sets) {
  if (match.negated) return {};
  bool v4 = !match.listed.v4.empty();
  bool v6 = !match.listed.v6.empty();
  for (std::uint32_t set : match.sets) {
    if (sets[set].dynamic) return {};  // may hold either at any time
    v4 |= !sets[set].elements.v4.empty();
    v6 |= !sets[set].elements.v6.empty();
  }
  // An empty set (a feed with no entries today) contradicts nothing.
  if (!v4 && !v6) return {};
  return {v4, v6};
}

void claim_addresses(MatchReader& reader, const KeyUse& use, const Value& value,
                     const AddressMatch& match) {
  Families families = families_of(match, reader.sets.addresses());
  const auto& nodes = value.items.nodes;
  std::string first(reader.context.text(*nodes[0]));
  std::string text = nodes.size() == 1
                         ? fmt::format("{}: {}", use.name, first)
                         : fmt::format("{}: [{}, ...]", use.name, first);
  reader.families.push_back(
      {nodes[0], in_quotes(text), families.v4, families.v6, true});
}

// Adds one item; false after an error.
bool add_address(MatchReader& reader, const Node& item, AddressMatch& match,
                 AddressElements& listed) {
  std::string_view text = reader.context.text(item);
  if (is_reference(text)) {
    const auto* set =
        reader.sets.resolve(reader.context, item, SetType::kAddress);
    if (set) match.sets.push_back(set->address);
    return set != nullptr;
  }
  auto range = parse_address_range(text);
  if (range) {
    listed.add(*range);
  } else {
    reader.context.error(item, range.error());
  }
  return range.has_value();
}

void read_address(MatchReader& reader, const KeyUse& use,
                  std::optional<AddressMatch>& member) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  AddressMatch match;
  match.negated = value->negated;
  AddressElements listed;
  bool sound = value->items.sound;
  for (const Node* item : value->items.nodes) {
    if (reader.context.full()) return;
    sound &= add_address(reader, *item, match, listed);
  }
  if (!sound) return;
  match.listed = listed.take();
  std::ranges::sort(match.sets);
  auto repeated = std::ranges::unique(match.sets);
  match.sets.erase(repeated.begin(), repeated.end());
  claim_addresses(reader, use, *value, match);
  member = std::move(match);
}

// A protocol by name means that family's; by number, any packet with it.
void claim_protocol(MatchReader& reader, const KeyUse& use,
                    const NumberSet& protocols) {
  reader.protocols.push_back({&use.key, use.name, protocols, ""});
  auto value = read_value(reader.context, use.value, use.name);
  if (!value || value->negated) return;
  auto names = [&](std::string_view one, std::string_view other) {
    return std::ranges::all_of(value->items.nodes, [&](const Node* item) {
      std::string_view text = reader.context.text(*item);
      return text == one || text == other;
    });
  };
  bool v4 = names("icmp", "icmp");
  bool v6 = names("icmpv6", "ipv6-icmp");
  if (!v4 && !v6) return;
  std::string text = fmt::format("protocol: {}", v4 ? "icmp" : "icmpv6");
  reader.families.push_back({&use.value, in_quotes(text), v4, v6, false});
}

// Every packet with an IP header has one of the three states.
void ask_for_any_ip(MatchReader& reader) {
  if (!reader.match.fragment) reader.match.fragment = {true, true, true};
}

}  // namespace

void read_family(MatchReader& reader, const KeyUse& use) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  auto families =
      read_choices(reader.context, value->items, use.name, use.form.words);
  if (!families) return;
  bool named[2] = {false, false};
  for (std::size_t family : *families) named[family] = true;
  if (named[0] && named[1]) {
    if (value->negated) {
      reader.context.error(use.value, "no packet is of neither family",
                           "`ethertype` matches packets that are not IP");
    }
    return ask_for_any_ip(reader);
  }
  bool v4 = named[0] != value->negated;
  reader.match.family = v4 ? Family::kIpv4 : Family::kIpv6;
  std::string text = fmt::format("family: {}", v4 ? "ipv4" : "ipv6");
  reader.families.push_back({&use.value, in_quotes(text), v4, !v4, false});
}

void read_src(MatchReader& reader, const KeyUse& use) {
  read_address(reader, use, reader.match.src);
}

void read_dst(MatchReader& reader, const KeyUse& use) {
  read_address(reader, use, reader.match.dst);
}

void read_protocol(MatchReader& reader, const KeyUse& use) {
  reader.match.protocol = read_numbers(reader, use);
  if (reader.match.protocol) {
    claim_protocol(reader, use, *reader.match.protocol);
  }
}

void read_ttl(MatchReader& reader, const KeyUse& use) {
  reader.match.ttl = read_numbers(reader, use);
}

void read_dscp(MatchReader& reader, const KeyUse& use) {
  reader.match.dscp = read_numbers(reader, use);
}

void read_ecn(MatchReader& reader, const KeyUse& use) {
  reader.match.ecn = read_numbers(reader, use);
}

void read_length(MatchReader& reader, const KeyUse& use) {
  reader.match.length = read_numbers(reader, use);
}

void read_fragment(MatchReader& reader, const KeyUse& use) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  auto states =
      read_choices(reader.context, value->items, use.name, use.form.words);
  if (!states) return;
  FragmentMatch match;
  for (std::size_t state : *states) {
    match.none |= state == 0;
    match.first |= state == 1 || state == 3;
    match.later |= state == 2 || state == 3;
  }
  if (value->negated) match = {!match.none, !match.first, !match.later};
  reader.match.fragment = match;
}

void read_ip_options(MatchReader& reader, const KeyUse& use) {
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  if (value->items.nodes.size() > 1) {
    reader.context.error(use.value, "`ip_options` is true or false");
    return;
  }
  auto word =
      read_choice(reader.context, *value->items.nodes[0], use.name, use.form.words);
  if (word) reader.match.ip_options = (*word == 1) != value->negated;
}

}  // namespace xdpgate
