// SPDX-License-Identifier: GPL-2.0-only
#include "import/nft_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "import/nft_flags.h"

namespace xdpgate {
namespace {

using Words = std::vector<std::string>;

// What a field of nft's is here.
struct NftField {
  std::string_view protocol, field;
  std::string_view key;
  std::string_view implies;  ///< "family: ipv4", "protocol: tcp"
  std::uint32_t max = 0;     ///< of numbers, for `<` and `>`; 0: none
  std::uint32_t add = 0;     ///< to numbers
};

constexpr NftField kFields[] = {
    {"ip", "saddr", "src", "ipv4"},
    {"ip", "daddr", "dst", "ipv4"},
    {"ip6", "saddr", "src", "ipv6"},
    {"ip6", "daddr", "dst", "ipv6"},
    {"ip", "protocol", "protocol", "ipv4", 255},
    {"ip", "ttl", "ttl", "ipv4", 255},
    {"ip6", "hoplimit", "ttl", "ipv6", 255},
    {"ip", "length", "length", "ipv4", 65535},
    {"ip6", "length", "length", "ipv6", 65535, 40},
    {"ip", "dscp", "dscp", "ipv4", 63},
    {"ip6", "dscp", "dscp", "ipv6", 63},
    {"ip", "ecn", "ecn", "ipv4", 3},
    {"ip6", "ecn", "ecn", "ipv6", 3},
    {"tcp", "sport", "src_port", "tcp", 65535},
    {"tcp", "dport", "dst_port", "tcp", 65535},
    {"udp", "sport", "src_port", "udp", 65535},
    {"udp", "dport", "dst_port", "udp", 65535},
    {"udplite", "sport", "src_port", "udplite", 65535},
    {"udplite", "dport", "dst_port", "udplite", 65535},
    {"sctp", "sport", "src_port", "sctp", 65535},
    {"sctp", "dport", "dst_port", "sctp", 65535},
    {"dccp", "sport", "src_port", "dccp", 65535},
    {"dccp", "dport", "dst_port", "dccp", 65535},
    {"th", "sport", "src_port", "th", 65535},
    {"th", "dport", "dst_port", "th", 65535},
    {"icmp", "type", "icmp_type", "icmp", 255},
    {"icmp", "code", "icmp_code", "icmp", 255},
    {"icmpv6", "type", "icmp_type", "icmpv6", 255},
    {"icmpv6", "code", "icmp_code", "icmpv6", 255},
    {"ether", "saddr", "src_mac", ""},
    {"ether", "daddr", "dst_mac", ""},
    {"ether", "type", "ethertype", "", 65535},
    {"vlan", "id", "vlan", "", 4095},
    {"meta", "l4proto", "protocol", "", 255},
    {"meta", "protocol", "ethertype", "", 65535},
    {"meta", "nfproto", "family", ""},
    {"meta", "iifname", "interface", ""},
    {"meta", "iif", "interface", ""},
};

const NftField* field_of(const NftJson& left) {
  std::string protocol, field;
  if (left.contains("payload") && left.at("payload").contains("protocol")) {
    protocol = left.at("payload").value("protocol", "");
    field = left.at("payload").value("field", "");
  } else if (left.contains("meta")) {
    protocol = "meta";
    field = left.at("meta").value("key", "");
  }
  const auto* found = std::ranges::find_if(kFields, [&](const NftField& f) {
    return f.protocol == protocol && f.field == field;
  });
  return found == std::end(kFields) ? nullptr : found;
}

// Words of nft's that are others here.
std::string our_word(std::string word, std::string_view key) {
  if (key == "ethertype" && (word == "ip" || word == "ip6")) {
    return word == "ip" ? "ipv4" : "ipv6";
  }
  if (key == "protocol" && word == "ipv6-icmp") return "icmpv6";
  return word;
}

Parsed<std::string> number_text(const NftJson& value, const NftField& field) {
  const auto number = value.get<std::uint64_t>();
  if (number > field.max) return complaint("the number is too large");
  return std::to_string(number + field.add);
}

Parsed<std::string> word(const NftJson& value, const NftField& field) {
  if (value.is_number_unsigned()) return number_text(value, field);
  if (!value.is_string()) return complaint("a value of an unknown kind");
  const std::string text = value.get<std::string>();
  if (field.key == "interface" && text.ends_with('*')) {
    return complaint("interface names with `*`");
  }
  if (field.add != 0) return complaint("a value of an unknown kind");
  return our_word(text, field.key);
}

Parsed<std::string> scalar(const NftJson& value, const NftField& field) {
  const auto text = word(value, field);
  if (!text) return text;
  return field.key == "interface" ? yaml_quoted(*text) : yaml_word(*text);
}

Parsed<std::string> element(const NftJson& value, const NftField& field) {
  if (value.contains("range") && value.at("range").size() == 2) {
    const auto lo = word(value.at("range").at(0), field);
    const auto hi = word(value.at("range").at(1), field);
    if (!lo || !hi) return lo ? hi : lo;
    return yaml_quoted(fmt::format("{}-{}", *lo, *hi));
  }
  if (value.contains("prefix")) {
    const auto& prefix = value.at("prefix");
    return yaml_quoted(
        fmt::format("{}/{}", prefix.value("addr", ""), prefix.value("len", 0)));
  }
  if (value.contains("elem")) {
    const auto& elem = value.at("elem");
    if (elem.contains("timeout")) return complaint("elements with a timeout");
    return element(elem.at("val"), field);
  }
  return scalar(value, field);
}

Parsed<std::string> set_value(const NftJson& right, const NftField& field) {
  Words items;
  for (const NftJson& member : right.at("set")) {
    auto item = element(member, field);
    if (!item) return item;
    items.push_back(*item);
  }
  return yaml_list(items);
}

Parsed<std::string> right_value(const NftJson& right, const NftSets& sets,
                                const NftField& field) {
  if (right.is_string() && right.get<std::string>().starts_with('@')) {
    const auto set = sets.find(right.get<std::string>().substr(1));
    if (set == sets.end()) return complaint("an unknown set");
    return set->second;
  }
  if (right.contains("set")) return set_value(right, field);
  return element(right, field);
}

// `< 5`, `>= 1024`, as a range.
Parsed<std::string> comparison(const std::string& op, const NftJson& right,
                               const NftField& field) {
  if (!right.is_number_unsigned() || field.max == 0) {
    return complaint("a comparison of what is no number");
  }
  const auto number = right.get<std::uint64_t>();
  const bool below = op.starts_with('<');
  const bool equal = op.size() == 2;
  std::uint64_t lo = 0, hi = field.max;
  if (below) {
    if (number == 0 && !equal) return complaint("nothing is below 0");
    hi = std::min<std::uint64_t>(hi, equal ? number : number - 1);
  } else {
    lo = equal ? number : number + 1;
    if (lo > hi) return complaint("nothing is above the largest number");
  }
  return fmt::format("{}-{}", lo + field.add, hi + field.add);
}

bool carries_ports(const std::string* protocols) {
  if (!protocols) return false;
  std::string words = *protocols;
  std::erase_if(words, [](char c) { return c == '[' || c == ']'; });
  std::string word;
  auto known = [](const std::string& w) {
    return w == "tcp" || w == "udp" || w == "udplite" || w == "sctp" ||
           w == "dccp" || w == "6" || w == "17";
  };
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find(", ", at), words.size());
    if (!known(words.substr(at, end - at))) return false;
    at = end + 2;
  }
  return true;
}

std::optional<std::string> imply(const NftField& field, DraftRule& rule) {
  constexpr const char* kOther =
      "the rule asks for another protocol or family as well";
  const std::string implied(field.implies);
  if (implied.empty()) return std::nullopt;
  if (implied == "th") {
    if (carries_ports(rule.value("protocol"))) return std::nullopt;
    return "`th` without a protocol that has ports";
  }
  const bool family = implied == "ipv4" || implied == "ipv6";
  if (!rule.ask(family ? "family" : "protocol", implied)) return kOther;
  if (implied == "icmp" && !rule.ask("family", "ipv4")) return kOther;
  if (implied == "icmpv6" && !rule.ask("family", "ipv6")) return kOther;
  return std::nullopt;
}

// ---- VLAN tags ----

constexpr const char* kOuterTag = "{at: ether, offset: 12, bytes: 8100}";
constexpr const char* kOtherTags = "the rule asks for other tags as well";

// Whether nft looks at the ethertype behind the addresses for this field, which
// is a tag's where there is one, and not at what the packet is.
bool needs_no_tag(const NftField& field, const NftScope& scope) {
  const bool icmp = field.protocol == "icmp" || field.protocol == "icmpv6";
  const bool ip = field.protocol == "ip" || field.protocol == "ip6";
  if (scope.network || (!icmp && !ip) || (icmp && scope.upper)) return false;
  return scope.frames == NftFrames::kNetdev ? scope.link : icmp;
}

void note_headers(const NftField& field, NftScope& scope) {
  const bool is_meta = field.protocol == "meta";
  scope.link = scope.link || field.protocol == "ether";
  scope.upper = scope.upper || (is_meta && field.field == "l4proto");
  scope.network = scope.network || field.key == "ethertype" ||
                  field.key == "vlan" || field.key == "family" ||
                  (!is_meta && field.implies.starts_with("i"));
}

std::optional<std::string> add_tags(const std::string& op,
                                    const NftField& field, NftScope& scope,
                                    DraftRule& rule) {
  const bool tagged = scope.frames != NftFrames::kUntagged;
  if (field.key == "vlan") {
    if (!tagged) return "packets have lost their tags at this hook";
    // Of 802.1Q only.
    if (!rule.ask("payload", kOuterTag)) return kOtherTags;
  }
  const bool type = field.protocol == "ether" && field.field == "type";
  if (type && tagged && op == "!=") {
    return "`ether type` of tagged frames is the tag's";
  }
  const bool no_tag = tagged && (type || needs_no_tag(field, scope));
  if (no_tag && !rule.ask("vlan", "none")) return kOtherTags;
  note_headers(field, scope);
  return std::nullopt;
}

// ---- TCP flags, and bits of the fragment field ----

std::optional<std::string> add_flags(const std::string& op, const NftJson* mask,
                                     const NftJson& right, DraftRule& rule) {
  const auto value = nft_flags(op, mask, right);
  if (!value) return "a comparison of flags";
  if (!rule.ask("protocol", "tcp") || !rule.ask("tcp_flags", *value)) {
    return "the rule asks for other flags or another protocol as well";
  }
  return std::nullopt;
}

// The offset (0x1fff), alone or with "more fragments" (0x3fff).
std::optional<std::string> add_fragment(const std::string& op,
                                        const NftJson& mask,
                                        const NftJson& right, DraftRule& rule) {
  const bool zero = right.is_number_unsigned() && right.get<int>() == 0;
  const bool equal = op == "==";
  const auto bits = mask.is_number_unsigned() ? mask.get<std::uint64_t>() : 0;
  const bool known = bits == 0x1fff || bits == 0x3fff;
  if (!zero || !known || (!equal && op != "!=")) {
    return "other bits of the fragment field than the offset";
  }
  const char* value = bits == 0x1fff ? (equal ? "[none, first]" : "later")
                                     : (equal ? "none" : "any");
  if (!rule.ask("family", "ipv4") || !rule.ask("fragment", value)) {
    return "the rule asks for other fragments as well";
  }
  return std::nullopt;
}

bool is_field(const NftJson& left, std::string_view protocol,
              std::string_view field) {
  return left.contains("payload") &&
         left.at("payload").value("protocol", "") == protocol &&
         left.at("payload").value("field", "") == field;
}

std::optional<std::string> add_masked(const std::string& op,
                                      const NftJson& left, const NftJson& right,
                                      NftScope& scope, DraftRule& rule) {
  const NftJson& parts = left.at("&");
  if (parts.size() != 2) return "arithmetic";
  if (is_field(parts.at(0), "tcp", "flags")) {
    return add_flags(op, &parts.at(1), right, rule);
  }
  if (is_field(parts.at(0), "ip", "frag-off")) {
    constexpr NftField kField{"ip", "frag-off", "fragment", "ipv4"};
    if (auto why = add_tags(op, kField, scope, rule)) return why;
    return add_fragment(op, parts.at(1), right, rule);
  }
  return "a mask on this field";
}

std::string unknown_field(const NftJson& left) {
  for (const char* kind : {"ct", "fib", "rt", "socket", "osf", "jhash",
                           "numgen", "exthdr", "concat", "ipsec"}) {
    if (!left.contains(kind)) continue;
    const std::string word = kind;
    if (word == "ct") return "the filter keeps no connections (`ct`)";
    return "there is no such field (`" + word + "`)";
  }
  if (is_field(left, "ip6", "nexthdr")) {
    return "`ip6 nexthdr` is the first header's; `meta l4proto` can be said";
  }
  return "there is no such field";
}

}  // namespace

Parsed<std::string> nft_value(const NftJson& value, std::string_view key) {
  return element(value, {"", "", key, "", 65535});
}

std::optional<std::string> add_nft_match(const NftJson& match, NftScope& scope,
                                         DraftRule& rule) {
  const std::string op = match.value("op", "");
  const NftJson& left = match.at("left");
  const NftJson& right = match.at("right");
  if (left.contains("&")) return add_masked(op, left, right, scope, rule);
  if (is_field(left, "tcp", "flags")) {
    return add_flags(op, nullptr, right, rule);
  }
  const NftField* field = field_of(left);
  if (!field) return unknown_field(left);
  const bool ordered = op.starts_with('<') || op.starts_with('>');
  if (!ordered && op != "==" && op != "!=" && op != "in") {
    return "the operator " + op;
  }
  auto value = ordered ? comparison(op, right, *field)
                       : right_value(right, scope.sets, *field);
  if (!value) return value.error().message;
  if (op == "!=") value = yaml_not(*value);
  if (auto why = imply(*field, rule)) return why;
  if (auto why = add_tags(op, *field, scope, rule)) return why;
  if (!rule.ask(std::string(field->key), *value)) {
    return fmt::format("a second condition on `{}`", field->key);
  }
  return std::nullopt;
}

}  // namespace xdpgate
