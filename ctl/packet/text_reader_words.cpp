// SPDX-License-Identifier: GPL-2.0-only
// The words that may follow a packet's head, and what they do.
#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <algorithm>
#include <string>
#include <utility>

#include "packet/frame_layout.h"
#include "packet/text_reader.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

using Done = std::expected<void, Complaint>;

constexpr std::size_t kMaxInterfaceName = 15;  // IFNAMSIZ - 1
constexpr NumberField kVlanField = {"a VLAN id", 4095};
constexpr NumberField kTtlField = {"a TTL", 255};
constexpr NumberField kDscpField = {"a DSCP", 63, false, dscp_names};
constexpr NumberField kEcnField = {"an ECN codepoint", 3, false, ecn_names};
constexpr NumberField kLengthField = {"a length", XG_LENGTH_MAX};
constexpr NumberField kProtocolField = {"a protocol", 255, false,
                                        protocol_names};
constexpr std::string_view kFragments[] = {"none", "first", "later"};
constexpr bool kRepeats = true;

const NameTable& types_v4() { return icmp_type_names(Family::kIpv4); }
const NameTable& types_v6() { return icmp_type_names(Family::kIpv6); }
const NameTable& codes_v4() { return icmp_code_names(Family::kIpv4); }
const NameTable& codes_v6() { return icmp_code_names(Family::kIpv6); }

// The value of a number field into `field`.
template <class T>
Done number(std::string_view value, const NumberField& of, T& field) {
  const auto read = parse_named(value, of);
  if (!read) return std::unexpected(read.error());
  field = static_cast<T>(*read);
  return {};
}

template <class T>
Done store(Parsed<T> read, T& field) {
  if (!read) return std::unexpected(std::move(read.error()));
  field = std::move(*read);
  return {};
}

}  // namespace

std::span<const TextReader::Word> TextReader::words() {
  using R = TextReader;
  static constexpr Word kAll[] = {
      {"proto", "a protocol", kIpPacket, &R::read_proto},
      {"vlan", "a VLAN id", kAny, &R::read_vlan, kRepeats},
      {"ttl", "a TTL", kIpPacket, &R::read_ttl},
      {"dscp", "a DSCP", kIpPacket, &R::read_dscp},
      {"ecn", "an ECN codepoint", kIpPacket, &R::read_ecn},
      {"len", "a length", kIpPacket, &R::read_len},
      {"frag", "none, first or later", kIpPacket, &R::read_frag},
      {"opts", "", kIpPacket, &R::read_opts},
      {"flags", "TCP flags", kTcpPacket, &R::read_flags},
      {"type", "an ICMP type", kIcmpPacket, &R::read_type},
      {"code", "an ICMP code", kIcmpPacket, &R::read_code},
      {"smac", "a MAC address", kAny, &R::read_smac},
      {"dmac", "a MAC address", kAny, &R::read_dmac},
      {"data", "bytes in hexadecimal", kAny, &R::read_data},
      {"at", "a place", kAny, &R::read_at, kRepeats},
      {"on", "an interface", kAny, &R::read_on},
  };
  return kAll;
}

TextReader::Done TextReader::read_word() {
  const std::string_view name = words_[at_];
  const auto all = words();
  const auto word = std::ranges::find(all, name, &Word::name);
  if (word == all.end()) return read_bare(name);
  ++at_;
  if (auto fits = check_needs(*word); !fits) return fits;
  if (!word->repeats && seen(name)) {
    return complaint(fmt::format("{} stands there twice", in_quotes(name)));
  }
  std::string_view value;
  if (!word->what.empty()) {
    const auto following = next(word->what);
    if (!following) return std::unexpected(following.error());
    value = *following;
  }
  return (this->*word->read)(value);
}

// Notes a word; whether it was there before.
bool TextReader::seen(std::string_view name) {
  if (std::ranges::find(seen_, name) != seen_.end()) return true;
  seen_.push_back(name);
  return false;
}

TextReader::Done TextReader::check_needs(const Word& word) const {
  if (whole_frame_ && word.name != "on") {
    return complaint(fmt::format("{} cannot stand behind a whole frame",
                                 in_quotes(word.name)),
                     "only `on INTERFACE` can");
  }
  const char* missing = nullptr;
  if (word.needs == kIcmpPacket && !is_icmp_packet()) {
    missing = "an `icmp` or `icmp6` packet";
  }
  if (word.needs == kTcpPacket && !is_tcp()) missing = "a `tcp` packet";
  if (word.needs != kAny && !is_ip()) missing = "an IP packet";
  if (!missing) return {};
  return complaint(
      fmt::format("{} needs {}", in_quotes(word.name), missing));
}

// A TCP flag, or a type of ICMP, without a word before it.
TextReader::Done TextReader::read_bare(std::string_view word) {
  const std::string_view first = word.substr(0, word.find(','));
  if (is_tcp() && tcp_flag_names().number(first)) {
    ++at_;
    return read_flags(word);
  }
  if (is_icmp_packet() && type_names().number(word)) {
    ++at_;
    if (!seen("type")) return read_type(word);
    return complaint(fmt::format("{} is a second ICMP type", in_quotes(word)));
  }
  return unknown_word(word);
}

const NameTable& TextReader::type_names() const {
  return icmp_type_names(*family_of(spec_));
}

TextReader::Done TextReader::unknown_word(std::string_view word) const {
  if (is_ip() && tcp_flag_names().number(word)) {
    return complaint(
        fmt::format("{} is a TCP flag, but this is no `tcp` packet",
                    in_quotes(word)));
  }
  std::vector<std::string_view> known;
  for (const Word& row : words()) known.push_back(row.name);
  auto add = [&](std::span<const std::string_view> names) {
    known.insert(known.end(), names.begin(), names.end());
  };
  if (is_tcp()) add(tcp_flag_names().names());
  if (is_icmp_packet()) add(type_names().names());
  std::string hint = nearest_hint(word, known);
  if (hint.empty()) {
    hint = fmt::format("{}vlan, ttl, dscp, ecn, len, frag, opts, smac, dmac, "
                       "data, at or on",
                       is_tcp() ? "TCP flags, " : "");
  }
  return complaint(
      fmt::format("{} is not a word of this packet", in_quotes(word)), hint);
}

TextReader::Done TextReader::read_proto(std::string_view value) {
  if (!proto_follows_) {
    return complaint("`proto` stands behind `ip` or `ip6` only",
                     "`ip 192.0.2.1 > 198.51.100.1 proto 47`");
  }
  proto_follows_ = false;
  return number(value, kProtocolField, spec_.protocol);
}

TextReader::Done TextReader::read_vlan(std::string_view value) {
  if (spec_.tags.size() == XG_MAX_TAGS) {
    return complaint("a packet has at most four VLAN tags");
  }
  return number(value, kVlanField, spec_.tags.emplace_back().tci);
}

TextReader::Done TextReader::read_ttl(std::string_view value) {
  return number(value, kTtlField, spec_.ttl);
}

TextReader::Done TextReader::read_dscp(std::string_view value) {
  return number(value, kDscpField, spec_.dscp);
}

TextReader::Done TextReader::read_ecn(std::string_view value) {
  return number(value, kEcnField, spec_.ecn);
}

TextReader::Done TextReader::read_len(std::string_view value) {
  return number(value, kLengthField, spec_.length.emplace());
}

TextReader::Done TextReader::read_frag(std::string_view value) {
  const auto* state = std::ranges::find(kFragments, value);
  if (state != std::end(kFragments)) {
    spec_.fragment = static_cast<Fragment>(state - std::begin(kFragments));
    return {};
  }
  std::string hint = nearest_hint(value, kFragments);
  if (hint.empty()) hint = "none, first or later";
  return complaint(
      fmt::format("{} is not a state of a fragment", in_quotes(value)), hint);
}

TextReader::Done TextReader::read_opts(std::string_view) {
  add_ip_options(spec_);
  return {};
}

TextReader::Done TextReader::read_flags(std::string_view value) {
  const auto flags = parse_flag_list(value);
  if (!flags) return std::unexpected(flags.error());
  flags_ = static_cast<std::uint16_t>(flags_.value_or(0) | *flags);
  return {};
}

TextReader::Done TextReader::read_type(std::string_view value) {
  const bool v4 = spec_.ethertype == kEtherIpv4;
  const NumberField field = {"an ICMP type", 255, false,
                             v4 ? types_v4 : types_v6};
  return number(value, field, spec_.icmp_type);
}

TextReader::Done TextReader::read_code(std::string_view value) {
  const bool v4 = spec_.ethertype == kEtherIpv4;
  const NumberField field = {"an ICMP code", 255, false,
                             v4 ? codes_v4 : codes_v6};
  return number(value, field, spec_.icmp_code);
}

TextReader::Done TextReader::read_smac(std::string_view value) {
  return store(parse_mac(value), spec_.src_mac);
}

TextReader::Done TextReader::read_dmac(std::string_view value) {
  return store(parse_mac(value), spec_.dst_mac);
}

TextReader::Done TextReader::read_data(std::string_view value) {
  return store(parse_bytes(value), spec_.data);
}

TextReader::Done TextReader::read_at(std::string_view value) {
  auto patch = parse_place(value);
  if (!patch) return std::unexpected(patch.error());
  const auto digits = next("bytes in hexadecimal");
  if (!digits) return std::unexpected(digits.error());
  auto bytes = store(parse_bytes(*digits), patch->bytes);
  if (bytes) spec_.patches.push_back(std::move(*patch));
  return bytes;
}

TextReader::Done TextReader::read_on(std::string_view value) {
  if (value.size() > kMaxInterfaceName) {
    return complaint(fmt::format("{} is too long for the name of an interface",
                                 in_quotes(value)),
                     "at most 15 characters");
  }
  spec_.interface = value;
  return {};
}

}  // namespace xdpgate
