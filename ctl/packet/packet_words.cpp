// SPDX-License-Identifier: GPL-2.0-only
#include "packet/packet_words.h"

#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "policy/names.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

struct NamedHead {
  std::string_view name;
  Head head;
};

// Beside these, every name of a protocol and of an ethertype. Of several for
// one protocol the first is printed.
constexpr NamedHead kHeads[] = {
    {"tcp", {Head::kProtocol, 6, {}}},
    {"udp", {Head::kProtocol, 17, {}}},
    {"udplite", {Head::kProtocol, 136, {}}},
    {"sctp", {Head::kProtocol, 132, {}}},
    {"dccp", {Head::kProtocol, 33, {}}},
    {"icmp", {Head::kProtocol, 1, Family::kIpv4}},
    {"icmp6", {Head::kProtocol, 58, Family::kIpv6}},
    {"icmpv6", {Head::kProtocol, 58, Family::kIpv6}},
    {"ipv6-icmp", {Head::kProtocol, 58, Family::kIpv6}},
    {"ip", {Head::kIp, 0, {}}},
    {"ipv4", {Head::kIp, 0, Family::kIpv4}},
    {"ip6", {Head::kIp, 0, Family::kIpv6}},
    {"ipv6", {Head::kIp, 0, Family::kIpv6}},
    {"ethertype", {Head::kNumber, 0, {}}},
    {"frame", {Head::kFrame, 0, {}}},
};

constexpr std::string_view kBases[] = {"ether", "ip", "l4", "data"};
constexpr NumberField kFlagsField = {"a set of TCP flags", 0xfff, true};
constexpr NumberField kOffsetField = {"an offset", XG_LENGTH_MAX};
constexpr std::string_view kExample =
    "a packet reads like `tcp 192.0.2.1:1000 > 198.51.100.1:22 syn`";

std::vector<std::string_view> all_heads() {
  std::vector<std::string_view> names;
  for (const NamedHead& head : kHeads) names.push_back(head.name);
  for (const auto* table : {&protocol_names(), &ethertype_names()}) {
    names.insert(names.end(), table->names().begin(), table->names().end());
  }
  return names;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

Parsed<std::uint16_t> parse_flag(std::string_view word) {
  if (word == "none") return std::uint16_t{0};
  if (auto bit = tcp_flag_names().number(word)) {
    return static_cast<std::uint16_t>(*bit);
  }
  if (read_number(word).form == NumberForm::kNone) {
    std::string hint = nearest_hint(word, tcp_flag_names().names());
    if (hint.empty()) hint = "fin, syn, rst, psh, ack, urg, ece, cwr";
    return complaint(fmt::format("{} is not a TCP flag", in_quotes(word)),
                     hint);
  }
  auto number = parse_number(word, kFlagsField);
  if (!number) return std::unexpected(number.error());
  return static_cast<std::uint16_t>(*number);
}

// The part of an end that is its address, and the part behind its colon.
struct SplitEnd {
  std::string_view address;
  std::optional<std::string_view> port;
};

Parsed<SplitEnd> split_end(std::string_view word) {
  if (!word.starts_with('[')) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos || word.rfind(':') != colon) {
      return SplitEnd{word, {}};
    }
    return SplitEnd{word.substr(0, colon), word.substr(colon + 1)};
  }
  const std::size_t close = word.find(']');
  const std::string_view rest =
      close == std::string_view::npos ? "?" : word.substr(close + 1);
  if (!rest.empty() && !rest.starts_with(':')) {
    return complaint(
        fmt::format("{} is not an address with a port", in_quotes(word)),
        "`[2001:db8::1]:80`");
  }
  SplitEnd split{word.substr(1, close - 1), {}};
  if (!rest.empty()) split.port = rest.substr(1);
  return split;
}

}  // namespace

std::vector<std::string_view> packet_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    auto goes_on = [&] {
      return end < text.size() && !is_blank(text[end]) && text[end] != '>';
    };
    if (text[at] != '>') {
      while (goes_on()) ++end;
    }
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

Parsed<Head> parse_head(std::string_view word) {
  const auto* known = std::ranges::find(kHeads, word, &NamedHead::name);
  if (known != std::end(kHeads)) return known->head;
  if (auto type = ethertype_names().number(word)) {
    return Head{Head::kEthertype, static_cast<std::uint16_t>(*type), {}};
  }
  if (auto protocol = protocol_names().number(word)) {
    return Head{Head::kProtocol, static_cast<std::uint16_t>(*protocol), {}};
  }
  std::string hint = nearest_hint(word, all_heads());
  if (hint.empty()) hint = kExample;
  return complaint(fmt::format("a packet cannot begin with {}: that is neither "
                               "a protocol nor an ethertype",
                               in_quotes(word)),
                   hint);
}

Parsed<End> parse_end(std::string_view word) {
  const auto split = split_end(word);
  if (!split) return std::unexpected(split.error());
  auto address = parse_address(split->address);
  if (!address) return std::unexpected(address.error());
  End end{*address, {}};
  if (!split->port) return end;
  auto port = parse_named(*split->port, kPortField);
  if (!port) return std::unexpected(port.error());
  end.port = static_cast<std::uint16_t>(*port);
  return end;
}

Parsed<std::uint32_t> parse_named(std::string_view word,
                                  const NumberField& field) {
  if (field.names) {
    if (auto number = field.names().number(word)) return *number;
  }
  return parse_number(word, field);
}

Parsed<std::uint16_t> parse_flag_list(std::string_view word) {
  std::uint16_t flags = 0;
  for (std::size_t at = 0; at <= word.size();) {
    const std::size_t comma = std::min(word.find(',', at), word.size());
    auto flag = parse_flag(word.substr(at, comma - at));
    if (!flag) return flag;
    flags |= *flag;
    at = comma + 1;
  }
  return flags;
}

Parsed<std::vector<std::uint8_t>> parse_bytes(std::string_view word) {
  auto bytes = parse_hex(word);
  if (bytes) return std::move(*bytes);
  return complaint(fmt::format("{} is not hexadecimal bytes", in_quotes(word)),
                   "two digits a byte, as in `0800`");
}

Parsed<Patch> parse_place(std::string_view word) {
  const std::size_t plus = std::min(word.find('+'), word.size());
  const auto* base = std::ranges::find(kBases, word.substr(0, plus));
  if (base == std::end(kBases)) {
    return complaint(fmt::format("{} is not a place in a packet",
                                 in_quotes(word)),
                     "ether, ip, l4 or data, and an offset: `ip+4`");
  }
  Patch patch{static_cast<PayloadBase>(base - std::begin(kBases)), 0, {}};
  if (plus == word.size()) return patch;
  auto offset = parse_number(word.substr(plus + 1), kOffsetField);
  if (!offset) return std::unexpected(offset.error());
  patch.offset = *offset;
  return patch;
}

std::string_view base_name(PayloadBase base) {
  return kBases[static_cast<std::size_t>(base)];
}

std::optional<std::string_view> head_name(Family family,
                                          std::uint8_t protocol) {
  for (const auto& [name, head] : kHeads) {
    const bool fits = head.kind == Head::kProtocol && head.number == protocol;
    if (fits && (!head.family || head.family == family)) return name;
  }
  return std::nullopt;
}

}  // namespace xdpgate
