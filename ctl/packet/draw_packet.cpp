// SPDX-License-Identifier: GPL-2.0-only
// The order of things, payload demands, and the link layer.
#include "packet/draw_packet.h"

#include <algorithm>
#include <array>
#include <utility>

#include "packet/build_frame.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kTypeAt = 12;
constexpr std::uint32_t kIdMask = 0xfff;

// Ethertypes that are neither tags nor IP, of 0..65535.
NumberSet without_ip_and_tags(const NumberSet& types) {
  static const NumberSet others = NumberSet({{kEtherIpv4, kEtherIpv4},
                                             {0x8100, 0x8100},
                                             {kEtherIpv6, kEtherIpv6},
                                             {0x88a8, 0x88a8},
                                             {0x9100, 0x9100}})
                                      .complement(0xffff);
  return types.intersected(others);
}

}  // namespace

std::optional<PacketSpec> PacketDraw::draw(const Shape& shape) {
  shape_ = shape;
  demands_ = {};
  needed_end_ = 0;
  spec_ = shape.family ? default_spec(*shape.family) : PacketSpec();
  if (!shape.family) spec_.ethertype = kEtherArp;
  spec_.tags.resize(shape.tags);
  spec_.fragment = shape.fragment;
  if (!demand(PayloadBase::kEther) || !link()) return std::nullopt;
  if (shape.family && !(network() && upper() && length())) return std::nullopt;
  if (!shape.family) pad_other();
  patch_demands();
  return std::move(spec_);
}

std::uint32_t PacketDraw::usual(std::uint32_t plain,
                                std::uint32_t others_below) {
  const bool other = traffic_ == Traffic::kVaried && dice_.one_in(4);
  return other ? static_cast<std::uint32_t>(dice_.below(others_below)) : plain;
}

bool PacketDraw::demand(PayloadBase base) {
  for (const PayloadMatch& payload : match_.payload) {
    if (payload.base != base) continue;
    const auto at = base_at(layout_of(spec_), base);
    if (!at || !demand(payload, *at)) return false;
  }
  return true;
}

bool PacketDraw::demand(const PayloadMatch& payload, std::uint32_t base) {
  const std::uint32_t at = base + payload.offset;
  const auto size = static_cast<std::uint32_t>(payload.bytes.size());
  needed_end_ = std::max(needed_end_, at + size);
  if (payload.negated) return demand_difference(payload, at);
  for (std::uint32_t i = 0; i < size; ++i) {
    if (payload.mask[i] == 0) continue;
    if (!demands_.add({at + i, payload.mask[i], payload.bytes[i]})) {
      return false;
    }
  }
  return true;
}

// Most frames differ anyway; every second attempt makes sure.
bool PacketDraw::demand_difference(const PayloadMatch& payload,
                                   std::uint32_t at) {
  if (dice_.one_in(2)) return true;
  const auto count = static_cast<std::uint32_t>(8 * payload.bytes.size());
  const auto start = static_cast<std::uint32_t>(dice_.below(count));
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t number = (start + i) % count;
    const std::uint32_t byte = number / 8;
    const auto bit = static_cast<std::uint8_t>(1 << number % 8);
    if ((payload.mask[byte] & bit) == 0) continue;
    const auto other = static_cast<std::uint8_t>(~payload.bytes[byte] & bit);
    if (demands_.add({at + byte, bit, other})) return true;
  }
  return false;
}

bool PacketDraw::link() {
  const auto src = draw_mac(match_.src_mac ? &*match_.src_mac : nullptr,
                            spec_.src_mac, bits<std::uint64_t>(6, 6), dice_);
  const auto dst = draw_mac(match_.dst_mac ? &*match_.dst_mac : nullptr,
                            spec_.dst_mac, bits<std::uint64_t>(0, 6), dice_);
  if (!src || !dst) return false;
  spec_.src_mac = *src;
  spec_.dst_mac = *dst;
  std::uint32_t at = kTypeAt;
  for (std::size_t i = 0; i < spec_.tags.size(); ++i, at += 4) {
    if (!tag(at, i)) return false;
  }
  return ethertype();
}

bool PacketDraw::tag(std::uint32_t at, std::size_t number) {
  VlanTag& tag = spec_.tags[number];
  std::array<std::uint16_t, 3> kinds = {0x8100, 0x88a8, 0x9100};
  if (traffic_ == Traffic::kVaried) {
    std::swap(kinds[0], kinds[dice_.below(3)]);
  } else if (number + 1 < spec_.tags.size()) {
    std::swap(kinds[0], kinds[1]);  // 802.1ad outside
  }
  const auto wanted = bits<std::uint32_t>(at, 2);
  const auto* kind = std::ranges::find_if(
      kinds, [&](std::uint16_t tpid) { return wanted.agree(tpid); });
  if (kind == kinds.end()) return false;
  tag.tpid = *kind;
  const auto* asked = number == 0 ? &match_.vlan : &match_.inner_vlan;
  Numbers ids;
  if (number < 2 && *asked) ids = (*asked)->ids;
  const auto tci = bits<std::uint32_t>(at + 2, 2);
  if (!this->number(ids, tci.part(0, 12), kIdMask,
                    static_cast<std::uint32_t>(dice_.between(1, 4094)),
                    tag.tci)) {
    return false;
  }
  const std::uint32_t priority = tci.part(12, 4).forced(usual(0, 16));
  tag.tci = static_cast<std::uint16_t>(tag.tci | priority << 12);
  return true;
}

bool PacketDraw::ethertype() {
  const auto wanted = bits<std::uint32_t>(
      static_cast<std::uint32_t>(kTypeAt + 4 * spec_.tags.size()), 2);
  if (shape_.family) return wanted.agree(spec_.ethertype);
  const bool open = !match_.ethertype && wanted.mask == 0;
  if (open && traffic_ == Traffic::kPlain) return true;  // ARP
  const NumberSet common({{0x100, 0x100},
                          {kEtherArp, kEtherArp},
                          {0x8863, 0x8864},
                          {0x88cc, 0x88cc}});
  const NumberSet all = NumberSet::range(0, 0xffff);
  const auto type = xdpgate::draw(
      without_ip_and_tags(open ? common : match_.ethertype.value_or(all)),
      wanted, dice_);
  if (!type) return false;
  spec_.ethertype = static_cast<std::uint16_t>(*type);
  return true;
}

// A frame that is not IP is as long as its payload matches need.
void PacketDraw::pad_other() {
  const FrameLayout layout = layout_of(spec_);
  if (needed_end_ > layout.end) {
    spec_.data.resize(needed_end_ - layout.body_at);
  }
}

// Whatever is demanded of bytes that no field covers.
void PacketDraw::patch_demands() {
  if (demands_.all().empty()) return;
  const auto frame = build_frame(spec_);
  auto demands = demands_.all();
  std::ranges::sort(demands, {}, &ByteDemand::at);
  for (const ByteDemand& demand : demands) {
    const std::uint8_t before = demand.at < frame.size() ? frame[demand.at] : 0;
    if ((before & demand.mask) == demand.value) continue;
    const auto byte =
        static_cast<std::uint8_t>((before & ~demand.mask) | demand.value);
    Patch* last = spec_.patches.empty() ? nullptr : &spec_.patches.back();
    if (last && last->offset + last->bytes.size() == demand.at) {
      last->bytes.push_back(byte);
    } else {
      spec_.patches.push_back({PayloadBase::kEther, demand.at, {byte}});
    }
  }
}

void PacketDraw::patch16(std::uint32_t at, std::uint32_t value) {
  spec_.patches.push_back({PayloadBase::kEther,
                           at,
                           {static_cast<std::uint8_t>(value >> 8),
                            static_cast<std::uint8_t>(value)}});
}

}  // namespace xdpgate
