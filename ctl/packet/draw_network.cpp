// SPDX-License-Identifier: GPL-2.0-only
// The IP headers of a drawn packet.
#include <algorithm>
#include <array>
#include <utility>

#include "packet/draw_packet.h"

namespace xdpgate {
namespace {

using Word = Interval<std::uint32_t>;

// Flags and offset of an IPv4 header for a state of fragmentation.
NumberSet ipv4_fragment_words(Fragment fragment) {
  std::vector<Word> words;
  for (std::uint32_t flags = 0; flags < 8; ++flags) {
    const std::uint32_t first = flags << 13;
    const bool more = (flags & 1) != 0;
    if (fragment == Fragment::kLater) {
      words.push_back({first | 1, first | 0x1fff});
    } else if (more == (fragment == Fragment::kFirst)) {
      words.push_back({first, first});
    }
  }
  return NumberSet(std::move(words));
}

// Offset, reserved bits and M of an IPv6 fragment header.
NumberSet ipv6_fragment_words(Fragment fragment) {
  if (fragment == Fragment::kLater) return NumberSet::range(8, 0xffff);
  return NumberSet({{1, 1}, {3, 3}, {5, 5}, {7, 7}});
}

}  // namespace

bool PacketDraw::network() {
  ip_at_ = layout_of(spec_).network_at;
  if (!demand(PayloadBase::kIp) || !ip_options() || !traffic_class()) {
    return false;
  }
  const std::uint32_t ttl_at = ip_at_ + (shape_.family == Family::kIpv4 ? 8 : 7);
  return number(match_.ttl, bits<std::uint32_t>(ttl_at, 1), 255, usual(64, 256),
                spec_.ttl) &&
         addresses() && protocol() && fragment_word();
}

bool PacketDraw::traffic_class() {
  const auto wanted = shape_.family == Family::kIpv4
                          ? bits<std::uint32_t>(ip_at_ + 1, 1)
                          : bits<std::uint32_t>(ip_at_, 2).part(4, 8);
  return number(match_.dscp, wanted.part(2, 6), 63, usual(0, 64), spec_.dscp) &&
         number(match_.ecn, wanted.part(0, 2), 3, usual(0, 4), spec_.ecn);
}

bool PacketDraw::ip_options() {
  if (shape_.family == Family::kIpv6) return ipv6_headers();
  next_header_at_ = ip_at_ + 9;
  const bool options = shape_.options > 0;
  const Word sizes = options ? Word{0x46, 0x4f} : Word{0x45, 0x45};
  const auto wanted = bits<std::uint32_t>(ip_at_, 1);
  std::uint32_t byte = options ? 0x46 + usual(0, 10) : 0x45;
  if (!wanted.agree(byte)) {
    const auto other = xdpgate::draw(sizes, wanted, dice_);
    if (!other) return false;
    byte = *other;
  }
  spec_.option_words = static_cast<std::uint8_t>((byte & 15) - 5);
  return true;
}

bool PacketDraw::ipv6_headers() {
  if (!bits<std::uint32_t>(ip_at_, 1).part(4, 4).agree(6)) return false;
  next_header_at_ = ip_at_ + 6;
  for (std::uint8_t i = 0; i < shape_.options; ++i) {
    if (!extension(next_header_at_)) return false;
  }
  if (spec_.fragment == Fragment::kNone) return true;
  if (!bits<std::uint32_t>(next_header_at_, 1).agree(44)) return false;
  next_header_at_ = layout_of(spec_).fragment_at;
  return true;
}

// One more extension header; `next_at` is where its kind stands, and then
// where the kind of what follows it does.
bool PacketDraw::extension(std::uint32_t& next_at) {
  std::array<std::uint8_t, 8> kinds = {60, 0, 43, 51, 135, 139, 140, 44};
  std::swap(kinds[0], kinds[usual(0, 8)]);
  const auto wanted = bits<std::uint32_t>(next_at, 1);
  const auto* kind = std::ranges::find_if(
      kinds, [&](std::uint8_t number) { return wanted.agree(number); });
  if (kind == kinds.end()) return false;
  std::uint32_t at = ip_at_ + 40;
  for (const Extension& before : spec_.extensions) {
    at += extension_bytes(before);
  }
  Extension extension{*kind, 0};
  const std::uint32_t usual_length = *kind == 51 ? 4 : usual(0, 4);
  const auto length = bits<std::uint32_t>(at + 1, 1);
  if (!number({}, length, 255, usual_length, extension.length)) return false;
  spec_.extensions.push_back(extension);
  next_at = at;
  return true;
}

bool PacketDraw::addresses() {
  const bool v4 = shape_.family == Family::kIpv4;
  const unsigned size = v4 ? 4 : 16;
  const std::uint32_t src_at = ip_at_ + (v4 ? 12 : 8);
  const auto src = draw_address(
      policy_, match_.src ? &*match_.src : nullptr, *shape_.family,
      bits<U128>(src_at, size), outside_.src, dice_);
  const auto dst = draw_address(
      policy_, match_.dst ? &*match_.dst : nullptr, *shape_.family,
      bits<U128>(src_at + size, size), outside_.dst, dice_);
  if (!src || !dst) return false;
  spec_.src = *src;
  spec_.dst = *dst;
  return true;
}

std::uint32_t PacketDraw::usual_protocol() {
  const std::uint32_t icmp = shape_.family == Family::kIpv4 ? 1 : 58;
  const std::uint32_t plain = dice_.pick({6u, 6u, 6u, 17u, 17u, icmp});
  if (traffic_ == Traffic::kPlain || dice_.one_in(2)) return plain;
  return dice_.pick({6u, 17u, icmp, 132u, 33u, 136u, 47u, 50u,
                     static_cast<std::uint32_t>(dice_.below(256))});
}

bool PacketDraw::protocol() {
  const auto wanted = bits<std::uint32_t>(next_header_at_, 1);
  const NumberSet allowed = space_.protocols(shape_);
  std::optional<std::uint32_t> drawn = shape_.protocol;
  if (!drawn && space_.any_protocol()) drawn = usual_protocol();
  const bool fits = drawn && allowed.contains(*drawn) && wanted.agree(*drawn);
  if (!fits && shape_.protocol) return false;
  if (!fits) drawn = xdpgate::draw(allowed, wanted, dice_);
  if (!drawn) return false;
  spec_.protocol = static_cast<std::uint8_t>(*drawn);
  return true;
}

// Only where payload bytes ask for a word that build_frame() would not write.
bool PacketDraw::fragment_word() {
  const bool v4 = shape_.family == Family::kIpv4;
  if (!v4 && spec_.fragment == Fragment::kNone) return true;
  const std::uint32_t at = v4 ? ip_at_ + 6 : layout_of(spec_).fragment_at + 2;
  const auto wanted = bits<std::uint32_t>(at, 2);
  if (wanted.mask == 0) return true;
  const auto words = v4 ? ipv4_fragment_words(spec_.fragment)
                        : ipv6_fragment_words(spec_.fragment);
  const auto word = xdpgate::draw(words, wanted, dice_);
  if (word) patch16(at, *word);
  return word.has_value();
}

}  // namespace xdpgate
