// SPDX-License-Identifier: GPL-2.0-only
// What stands behind the IP headers of a drawn packet, and its length.
#include <algorithm>
#include <utility>

#include "packet/draw_packet.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kUsualFlags[] = {0x02, 0x12, 0x10, 0x10,
                                         0x18, 0x11, 0x04};
constexpr std::uint32_t kFlagNumbers = 0x1000;
// Longer packets are drawn where a rule asks for nothing shorter.
constexpr std::uint32_t kComfortable = 1500;

// Where src_port, dst_port: either of the two, neither of the two.
NumberSet within(const std::optional<NumberSet>& asked,
                 const NumberSet& ports) {
  return asked ? asked->intersected(ports) : ports;
}

NumberSet shifted_down(const NumberSet& lengths, std::uint32_t by) {
  std::vector<Interval<std::uint32_t>> result;
  for (const auto& [lo, hi] : lengths.intervals()) {
    result.push_back({lo - by, hi - by});
  }
  return NumberSet(std::move(result));
}

}  // namespace

bool PacketDraw::upper() {
  if (spec_.fragment == Fragment::kLater) return true;
  return demand(PayloadBase::kL4) && header_words() &&
         demand(PayloadBase::kData) && ports() && tcp_flags() && icmp();
}

bool PacketDraw::header_words() {
  const std::uint32_t l4 = *layout_of(spec_).l4_at;
  if (spec_.protocol != 6 && spec_.protocol != 33) return true;
  const bool tcp = spec_.protocol == 6;
  const auto wanted = tcp ? bits<std::uint32_t>(l4 + 12, 1).part(4, 4)
                          : bits<std::uint32_t>(l4 + 4, 1);
  std::uint32_t words = tcp ? 5 + usual(0, 11) : 3 + usual(0, 8);
  if (!wanted.agree(words)) {
    const Interval<std::uint32_t> all{tcp ? 5u : 3u, tcp ? 15u : 255u};
    const auto other = xdpgate::draw(all, wanted, dice_);
    if (!other) return false;
    words = *other;
  }
  spec_.header_words = static_cast<std::uint8_t>(words);
  return true;
}

bool PacketDraw::port_pair(const Numbers& src, const Numbers& dst) {
  const std::uint32_t l4 = *layout_of(spec_).l4_at;
  const auto client = static_cast<std::uint32_t>(dice_.between(1024, 65535));
  const std::uint32_t server = dice_.pick(
      {443u, 80u, 53u, 22u, static_cast<std::uint32_t>(dice_.below(65536))});
  return number(src, bits<std::uint32_t>(l4, 2), 65535, client,
                spec_.src_port) &&
         number(dst, bits<std::uint32_t>(l4 + 2, 2), 65535, server,
                spec_.dst_port);
}

bool PacketDraw::ports() {
  if (!has_ports(spec_.protocol)) return true;
  return match_.port ? either_port()
                     : port_pair(match_.src_port, match_.dst_port);
}

bool PacketDraw::either_port() {
  const NumberSet& ports = match_.port->ports;
  if (match_.port->negated) {
    const NumberSet others = ports.complement(65535);
    return port_pair(within(match_.src_port, others),
                     within(match_.dst_port, others));
  }
  const bool src_first = dice_.one_in(2);
  for (bool src : {src_first, !src_first}) {
    const bool found =
        src ? port_pair(within(match_.src_port, ports), match_.dst_port)
            : port_pair(match_.src_port, within(match_.dst_port, ports));
    if (found) return true;
  }
  return false;
}

bool PacketDraw::tcp_flags() {
  if (spec_.protocol != 6) return true;
  const auto wanted =
      bits<std::uint32_t>(*layout_of(spec_).l4_at + 12, 2).part(0, 12);
  std::uint32_t flags = dice_.pick(kUsualFlags);
  const auto& asked = match_.tcp_flags;
  if (asked && !asked->negated && !asked->any_of.empty()) {
    const FlagsPattern& pattern = dice_.pick(asked->any_of);
    flags = (flags & ~std::uint32_t{pattern.mask}) | pattern.set;
  }
  auto fits = [&](std::uint32_t number) {
    const bool found =
        asked && std::ranges::any_of(asked->any_of, [&](const auto& pattern) {
          return (number & pattern.mask) == pattern.set;
        });
    return wanted.agree(number) && (!asked || found != asked->negated);
  };
  for (std::uint32_t i = 0; i < kFlagNumbers; ++i) {
    const std::uint32_t number = (flags + i) % kFlagNumbers;
    if (!fits(number)) continue;
    spec_.tcp_flags = static_cast<std::uint16_t>(number);
    return true;
  }
  return false;
}

bool PacketDraw::icmp() {
  if (!is_icmp(spec_)) return true;
  const std::uint32_t l4 = *layout_of(spec_).l4_at;
  auto of_family = [&](const std::optional<IcmpMatch>& asked) -> Numbers {
    if (!asked) return std::nullopt;
    return shape_.family == Family::kIpv4 ? asked->v4 : asked->v6;
  };
  return number(of_family(match_.icmp_type), bits<std::uint32_t>(l4, 1), 255,
                usual(spec_.icmp_type, 256), spec_.icmp_type) &&
         number(of_family(match_.icmp_code), bits<std::uint32_t>(l4 + 1, 1),
                255, usual(0, 256), spec_.icmp_code);
}

bool PacketDraw::length() {
  const std::uint32_t length_at =
      ip_at_ + (shape_.family == Family::kIpv4 ? 2 : 4);
  const bool settled = bits<std::uint32_t>(length_at, 2).mask != 0;
  if (!match_.length && !settled) {
    if (traffic_ == Traffic::kVaried) {
      spec_.data.resize(dice_.below(40));
      for (auto& byte : spec_.data) byte = random_bits<std::uint8_t>(dice_);
    }
    if (needed_end_ > layout_of(spec_).end) {
      spec_.length = needed_end_ - ip_at_;
    }
    return layout_of(spec_).end >= needed_end_ && udp_length();
  }
  const std::uint32_t least =
      std::max(min_length(spec_), needed_end_ > ip_at_ ? needed_end_ - ip_at_
                                                       : 0);
  const std::uint32_t most = max_length(spec_);
  if (least > most) return false;
  const auto possible = NumberSet::range(least, most);
  const NumberSet allowed =
      match_.length ? match_.length->intersected(possible) : possible;
  const bool rarely = traffic_ == Traffic::kVaried && dice_.one_in(16);
  const bool found =
      (!rarely &&
       length_of(allowed.intersected(NumberSet::range(0, kComfortable)))) ||
      length_of(allowed);
  return found && udp_length();
}

// An IPv4 length beyond 65535 is written as 0.
bool PacketDraw::length_of(const NumberSet& allowed) {
  std::optional<std::uint32_t> drawn;
  if (shape_.family == Family::kIpv4) {
    const auto wanted = bits<std::uint32_t>(ip_at_ + 2, 2);
    const auto written = NumberSet::range(1, 0xffff);
    drawn = xdpgate::draw(allowed.intersected(written), wanted, dice_);
    if (!drawn && wanted.agree(0)) {
      drawn = xdpgate::draw(
          allowed.intersected(NumberSet::range(0x10000, XG_LENGTH_MAX)), {},
          dice_);
    }
  } else {
    constexpr std::uint32_t kHeader = 40;
    drawn = xdpgate::draw(shifted_down(allowed, kHeader),
                          bits<std::uint32_t>(ip_at_ + 4, 2), dice_);
    if (drawn) *drawn += kHeader;
  }
  spec_.length = drawn;
  return drawn.has_value();
}

// Only where payload bytes ask for a length that build_frame() would not write.
bool PacketDraw::udp_length() {
  const FrameLayout layout = layout_of(spec_);
  if (spec_.protocol != 17 || !layout.l4_at) return true;
  const auto wanted = bits<std::uint32_t>(*layout.l4_at + 4, 2);
  const std::uint32_t whole =
      std::min(layout.end - *layout.l4_at, std::uint32_t{0xffff});
  if (wanted.agree(whole)) return true;
  const std::uint32_t most =
      spec_.fragment == Fragment::kNone ? whole : 0xffffu;
  const auto length =
      xdpgate::draw(Interval<std::uint32_t>{8, most}, wanted, dice_);
  if (length) patch16(*layout.l4_at + 4, *length);
  return length.has_value();
}

}  // namespace xdpgate
