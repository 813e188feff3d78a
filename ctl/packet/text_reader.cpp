// SPDX-License-Identifier: GPL-2.0-only
// What a packet text begins with, and whether its whole makes sense.
#include "packet/text_reader.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "packet/frame_layout.h"
#include "packet/packet_text.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

constexpr std::size_t kMinFrameBytes = 14;
constexpr NumberField kEthertypeField = {"an ethertype", 0xffff, true,
                                         ethertype_names};

std::unexpected<Complaint> wrong_family(std::string_view head, Family family) {
  const bool v4 = family == Family::kIpv4;
  const char* other = v4 ? "icmp6" : "icmp";
  const bool icmp = head.find("icmp") != std::string_view::npos;
  return complaint(fmt::format("{} needs {} addresses", in_quotes(head),
                               v4 ? "IPv4" : "IPv6"),
                   icmp ? fmt::format("did you mean `{}`?", other) : "");
}

}  // namespace

Parsed<PacketSpec> TextReader::run() {
  if (words_.empty()) {
    return complaint("the packet is empty",
                     "`tcp 192.0.2.1:1000 > 198.51.100.1:22 syn`");
  }
  Done done = read_head();
  while (done && at_ < words_.size()) done = read_word();
  if (done) done = settle();
  if (!done) return std::unexpected(done.error());
  return std::move(spec_);
}

// The next word, which should be `what`.
Parsed<std::string_view> TextReader::next(std::string_view what) {
  if (at_ < words_.size()) return words_[at_++];
  return complaint(
      fmt::format("the packet ends behind {}, where {} should follow",
                  in_quotes(words_.back()), what));
}

TextReader::Done TextReader::read_head() {
  const std::string_view word = words_[at_++];
  const auto head = parse_head(word);
  if (!head) return std::unexpected(head.error());
  switch (head->kind) {
    case Head::kFrame:
      return read_frame();
    case Head::kEthertype:
      return set_ethertype(head->number);
    case Head::kNumber:
      return read_ethertype();
    case Head::kIp:
      proto_follows_ = true;
      break;
    case Head::kProtocol:
      spec_.protocol = static_cast<std::uint8_t>(head->number);
  }
  return read_ends(word, head->family);
}

// The frame as it is; whatever its ethertype, a patch covers it all.
TextReader::Done TextReader::read_frame() {
  auto value = next("the frame in hexadecimal");
  if (!value) return std::unexpected(value.error());
  auto bytes = parse_bytes(*value);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < kMinFrameBytes) {
    return complaint(
        fmt::format("{} is shorter than an Ethernet header", in_quotes(*value)),
        "a frame has at least 14 bytes");
  }
  whole_frame_ = true;
  spec_.ethertype = 0;
  spec_.patches = {{PayloadBase::kEther, 0, std::move(*bytes)}};
  return {};
}

TextReader::Done TextReader::read_ethertype() {
  const auto value = next("an ethertype");
  if (!value) return std::unexpected(value.error());
  const auto number = parse_named(*value, kEthertypeField);
  if (!number) return std::unexpected(number.error());
  return set_ethertype(static_cast<std::uint16_t>(*number));
}

TextReader::Done TextReader::set_ethertype(std::uint16_t type) {
  if (type == 0x8100 || type == 0x88a8 || type == 0x9100) {
    return complaint(
        fmt::format("0x{:x} is a VLAN tag, not what stands behind it", type),
        "`arp vlan 5`");
  }
  spec_.ethertype = type;
  if (!is_ip()) return {};
  return complaint("an IP packet needs addresses",
                   "`ip 192.0.2.1 > 198.51.100.1 proto 47`");
}

// ADDRESS > ADDRESS.
TextReader::Done TextReader::read_ends(std::string_view head,
                                       std::optional<Family> family) {
  const auto src = read_end();
  if (!src) return std::unexpected(src.error());
  const auto arrow = next("`>`");
  if (!arrow) return std::unexpected(arrow.error());
  if (*arrow != ">") {
    return complaint(
        fmt::format("{} stands where `>` should", in_quotes(*arrow)),
        "SOURCE > DESTINATION");
  }
  const auto dst = read_end();
  if (!dst) return std::unexpected(dst.error());
  const Family is = src->address.family;
  if (dst->address.family != is) {
    return complaint(fmt::format("{} and {} are not of one family",
                                 in_quotes(to_text(src->address)),
                                 in_quotes(to_text(dst->address))));
  }
  if (family && *family != is) return wrong_family(head, *family);
  spec_.ethertype = is == Family::kIpv4 ? kEtherIpv4 : kEtherIpv6;
  spec_.icmp_type = default_spec(is).icmp_type;
  spec_.src = src->address.value;
  spec_.dst = dst->address.value;
  src_port_ = src->port;
  dst_port_ = dst->port;
  return {};
}

Parsed<End> TextReader::read_end() {
  const auto word = next("an address");
  if (!word) return std::unexpected(word.error());
  return parse_end(*word);
}

bool TextReader::is_icmp_packet() const {
  return is_ip() && !proto_follows_ && is_icmp(spec_);
}

// What can be judged when all words are known.
TextReader::Done TextReader::settle() {
  if (proto_follows_) {
    return complaint("the packet has no protocol",
                     "`proto 47`, or `tcp` instead of `ip`");
  }
  for (std::size_t i = 0; i + 1 < spec_.tags.size(); ++i) {
    spec_.tags[i].tpid = 0x88a8;  // 802.1ad outside
  }
  if (flags_) spec_.tcp_flags = *flags_;
  if (is_ip()) {
    for (auto check : {&TextReader::settle_protocol, &TextReader::settle_ports,
                       &TextReader::check_length}) {
      if (auto sound = (this->*check)(); !sound) return sound;
    }
  }
  return check_patches();
}

TextReader::Done TextReader::settle_protocol() {
  const bool extension =
      spec_.ethertype == kEtherIpv6 && is_extension_header(spec_.protocol);
  if (!extension || spec_.fragment == Fragment::kLater) return {};
  return complaint(
      fmt::format("{} is an extension header of IPv6, not a protocol",
                  in_quotes(protocol_names().text(spec_.protocol))),
      "`opts` gives the packet one");
}

TextReader::Done TextReader::settle_ports() {
  const std::string name = in_quotes(protocol_names().text(spec_.protocol));
  const bool can = has_ports(spec_.protocol);
  if (!can || spec_.fragment == Fragment::kLater) {
    if (!src_port_ && !dst_port_) return {};
    return complaint(can ? "a later fragment has no ports"
                         : fmt::format("{} packets have no ports", name),
                     "leave `:PORT` out");
  }
  if (!src_port_ || !dst_port_) {
    return complaint(fmt::format("{} packets have two ports", name),
                     "`192.0.2.1:1000`, `[2001:db8::1]:1000`");
  }
  spec_.src_port = *src_port_;
  spec_.dst_port = *dst_port_;
  return {};
}

TextReader::Done TextReader::check_length() {
  const std::uint32_t least = min_length(spec_);
  const std::uint32_t most = max_length(spec_);
  if (least > most) {
    return complaint(fmt::format("the packet has more data than it can hold: "
                                 "its length would be {}",
                                 least),
                     fmt::format("at most {}", most));
  }
  const auto& length = spec_.length;
  if (!length || (least <= *length && *length <= most)) return {};
  return complaint(fmt::format("`len {}` does not fit this packet", *length),
                   fmt::format("{} to {}: headers and data, without Ethernet",
                               least, most));
}

TextReader::Done TextReader::check_patches() {
  const FrameLayout layout = layout_of(spec_);
  for (const Patch& patch : spec_.patches) {
    const std::string place =
        fmt::format("`at {}+{}`", base_name(patch.base), patch.offset);
    const auto base = base_at(layout, patch.base);
    if (!base) {
      return complaint(fmt::format("{}: this packet has no {}", place,
                                   in_quotes(base_name(patch.base))));
    }
    if (*base + patch.offset + patch.bytes.size() <= layout.end) continue;
    return complaint(fmt::format("{} lies beyond the end of the packet", place),
                     spec_.length ? "a larger `len` makes it longer" : "");
  }
  return {};
}

Parsed<PacketSpec> parse_packet_text(std::string_view text) {
  if (text.size() > kMaxPacketText) {
    return complaint("the packet is longer than a megabyte of text");
  }
  return TextReader(text).run();
}

}  // namespace xdpgate
