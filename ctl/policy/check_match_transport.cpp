// SPDX-License-Identifier: GPL-2.0-only
// Match keys of the transport header: ports and TCP flags.
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "policy/check_match.h"

namespace xdpgate {
namespace {

constexpr NumberField kFlags = {"a set of TCP flags", 0xfff, true};
// What iptables calls ALL.
constexpr std::uint16_t kAllFlags = 0x3f;
constexpr std::string_view kPortProtocols =
    "a protocol with ports (tcp, udp, udplite, sctp, dccp)";

NumberSet port_protocols() {
  NumberSet set;
  for (std::uint32_t protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP,
                                 IPPROTO_SCTP, IPPROTO_UDPLITE}) {
    set = set.united(NumberSet::of(protocol));
  }
  return set;
}

struct Ports {
  NumberSet numbers;
  bool negated = false;
};

// Adds one item to `ranges`; false after an error.
bool add_ports(MatchReader& reader, const Node& item,
               std::vector<Interval<std::uint32_t>>& ranges) {
  std::string_view text = reader.context.text(item);
  if (is_reference(text)) {
    const auto* set = reader.sets.resolve(reader.context, item, SetType::kPort);
    if (!set) return false;
    const auto& more = set->ports.intervals();
    ranges.insert(ranges.end(), more.begin(), more.end());
    return true;
  }
  auto range = parse_number_range(text, kPortField);
  if (!range) {
    reader.context.error(item, range.error());
    return false;
  }
  ranges.push_back(*range);
  return true;
}

std::optional<Ports> read_ports(MatchReader& reader, const KeyUse& use) {
  reader.protocols.push_back(
      {&use.key, use.name, port_protocols(), kPortProtocols});
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return std::nullopt;
  std::vector<Interval<std::uint32_t>> ranges;
  bool sound = value->items.sound;
  for (const Node* item : value->items.nodes) {
    if (reader.context.full()) return std::nullopt;
    sound &= add_ports(reader, *item, ranges);
  }
  if (!sound) return std::nullopt;
  return Ports{NumberSet(std::move(ranges)), value->negated};
}

void read_one_side(MatchReader& reader, const KeyUse& use,
                   std::optional<NumberSet>& member) {
  auto ports = read_ports(reader, use);
  if (!ports) return;
  member = ports->negated ? ports->numbers.complement(kPortField.max)
                          : ports->numbers;
}

Parsed<std::uint16_t> parse_flag(std::string_view text) {
  if (auto bit = tcp_flag_names().number(text)) {
    return static_cast<std::uint16_t>(*bit);
  }
  if (text == "none") return std::uint16_t{0};
  if (text == "all") return kAllFlags;
  if (read_number(text).form != NumberForm::kNone) {
    auto number = parse_number(text, kFlags);
    if (!number) return std::unexpected(number.error());
    return static_cast<std::uint16_t>(*number);
  }
  std::string hint = nearest_hint(text, tcp_flag_names().names());
  if (hint.empty()) hint = "fin, syn, rst, psh, ack, urg, ece, cwr";
  return complaint(fmt::format("{} is not a TCP flag", in_quotes(text)), hint);
}

// "syn,ack".
Parsed<std::uint16_t> parse_flags(std::string_view text) {
  std::uint16_t flags = 0;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t comma = std::min(text.find(',', at), text.size());
    auto flag = parse_flag(trimmed(text.substr(at, comma - at)));
    if (!flag) return flag;
    flags |= *flag;
    at = comma + 1;
  }
  return flags;
}

// SET/MASK, or flags that must be set.
Parsed<FlagsPattern> parse_flags_pattern(std::string_view text) {
  std::size_t slash = text.find('/');
  auto set = parse_flags(text.substr(0, slash));
  if (!set) return std::unexpected(set.error());
  if (slash == std::string_view::npos) {
    if (*set != 0) return FlagsPattern{*set, *set};
    return complaint(fmt::format("{} asks for no flag", in_quotes(text)),
                     "`none/all` matches packets without any flag");
  }
  auto mask = parse_flags(text.substr(slash + 1));
  if (!mask) return std::unexpected(mask.error());
  if (*mask == 0) {
    return complaint(fmt::format("the mask of {} is empty", in_quotes(text)),
                     "SET/MASK, as in `syn/syn,ack`");
  }
  if ((*set & ~*mask) != 0) {
    return complaint(
        fmt::format("{} asks for flags outside its mask, so nothing matches",
                    in_quotes(text)),
        fmt::format("write `{}/{}`", tcp_flags_text(*set),
                    tcp_flags_text(static_cast<std::uint16_t>(*set | *mask))));
  }
  return FlagsPattern{*set, *mask};
}

// A list of flags asks for all of them, a list of SET/MASK for one of them.
std::optional<std::vector<FlagsPattern>> read_patterns(MatchReader& reader,
                                                       const Value& value) {
  auto patterns = parse_items(reader.context, value.items, parse_flags_pattern);
  if (!patterns) return std::nullopt;
  auto has_mask = [&](const Node* item) {
    return reader.context.text(*item).find('/') != std::string_view::npos;
  };
  const auto& nodes = value.items.nodes;
  if (std::ranges::all_of(nodes, has_mask)) return patterns;
  auto masked = std::ranges::find_if(nodes, has_mask);
  if (masked != nodes.end()) {
    reader.context.error(**masked,
                         "a list holds flags or SET/MASK pairs, not both",
                         "[syn, ack] or [\"syn/syn,ack\", rst/rst]");
    return std::nullopt;
  }
  FlagsPattern all;
  for (const FlagsPattern& pattern : *patterns) all.set |= pattern.set;
  all.mask = all.set;
  return std::vector<FlagsPattern>{all};
}

}  // namespace

void read_src_port(MatchReader& reader, const KeyUse& use) {
  read_one_side(reader, use, reader.match.src_port);
}

void read_dst_port(MatchReader& reader, const KeyUse& use) {
  read_one_side(reader, use, reader.match.dst_port);
}

void read_port(MatchReader& reader, const KeyUse& use) {
  auto ports = read_ports(reader, use);
  if (!ports) return;
  reader.match.port = EitherPortMatch{ports->numbers, ports->negated};
}

void read_tcp_flags(MatchReader& reader, const KeyUse& use) {
  reader.protocols.push_back(
      {&use.key, use.name, NumberSet::of(IPPROTO_TCP), "`tcp`"});
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return;
  auto patterns = read_patterns(reader, *value);
  if (!patterns) return;
  std::ranges::sort(*patterns, [](const auto& a, const auto& b) {
    return std::pair(a.mask, a.set) < std::pair(b.mask, b.set);
  });
  auto repeated = std::ranges::unique(*patterns);
  patterns->erase(repeated.begin(), repeated.end());
  reader.match.tcp_flags = FlagsMatch{std::move(*patterns), value->negated};
}

}  // namespace xdpgate
