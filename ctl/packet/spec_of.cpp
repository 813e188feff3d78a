// SPDX-License-Identifier: GPL-2.0-only
#include "packet/spec_of.h"

#include <algorithm>
#include <span>

#include "packet/build_frame.h"
#include "packet/frame_layout.h"

namespace xdpgate {
namespace {

constexpr std::uint8_t kNoProtocol = 60;  // an extension header in its place

void set_tags(const Packet& packet, PacketSpec& spec) {
  const std::uint32_t end = packet.ip_at.value_or(
      packet.vlan ? static_cast<std::uint32_t>(packet.bytes.size()) : 14);
  for (std::uint32_t at = 12; at + 4 < end; at += 4) {
    const std::uint32_t tpid = packet.bytes[at] << 8 | packet.bytes[at + 1];
    if (tpid != 0x8100 && tpid != 0x88a8 && tpid != 0x9100) break;
    const std::uint32_t tci = packet.bytes[at + 2] << 8 | packet.bytes[at + 3];
    spec.tags.push_back({static_cast<std::uint16_t>(tpid),
                         static_cast<std::uint16_t>(tci & 0xfff)});
  }
  for (std::size_t i = 0; i < spec.tags.size(); ++i) {
    spec.tags[i].tpid = i + 1 < spec.tags.size() ? 0x88a8 : 0x8100;
  }
}

void set_network(const Packet& packet, PacketSpec& spec) {
  spec.src = packet.src->value;
  spec.dst = packet.dst->value;
  spec.protocol = packet.protocol.value_or(kNoProtocol);
  spec.ttl = packet.ttl.value_or(spec.ttl);
  spec.dscp = packet.dscp.value_or(0);
  spec.ecn = packet.ecn.value_or(0);
  spec.fragment = packet.fragment.value_or(Fragment::kNone);
  const bool fragment_header = spec.ethertype == kEtherIpv6 &&
                               spec.fragment != Fragment::kNone;
  // Of a later fragment's headers only the fragment header is sure.
  const bool more = !fragment_header || (packet.l4_at && packet.ip_at &&
                                         *packet.l4_at > *packet.ip_at + 48);
  if (packet.ip_options.value_or(false) && more) add_ip_options(spec);
}

void set_upper(const Packet& packet, PacketSpec& spec) {
  spec.src_port = packet.src_port.value_or(spec.src_port);
  spec.dst_port = packet.dst_port.value_or(spec.dst_port);
  spec.tcp_flags = packet.tcp_flags.value_or(spec.tcp_flags);
  spec.icmp_type = packet.icmp_type.value_or(spec.icmp_type);
  spec.icmp_code = packet.icmp_code.value_or(0);
}

// What stands behind the headers, without the zeros that a length adds.
void set_data(const Packet& packet, PacketSpec& spec) {
  const FrameLayout layout = layout_of(spec);
  const bool same_place = !layout.data_at || layout.data_at == packet.data_at;
  if (!same_place || layout.body_at >= packet.end) return;
  spec.data.assign(packet.bytes.begin() + layout.body_at,
                   packet.bytes.begin() + packet.end);
  if (!family_of(spec)) return;
  while (!spec.data.empty() && spec.data.back() == 0) spec.data.pop_back();
}

}  // namespace

PacketSpec spec_of(const Packet& packet) {
  PacketSpec spec =
      default_spec(packet.ethertype == kEtherIpv6 ? Family::kIpv6
                                                  : Family::kIpv4);
  spec.interface = packet.interface;
  spec.src_mac = packet.src_mac.value_or(spec.src_mac);
  spec.dst_mac = packet.dst_mac.value_or(spec.dst_mac);
  spec.ethertype = packet.ethertype.value_or(0);
  set_tags(packet, spec);
  if (packet.src) {
    set_network(packet, spec);
    set_upper(packet, spec);
  }
  if (spec.ethertype == kEtherArp) {
    // A request as build_frame() makes it goes without saying.
    const auto usual = build_frame(spec);
    const auto body = layout_of(spec).body_at;
    if (std::ranges::equal(std::span(usual).subspan(body),
                           packet.bytes.subspan(body))) {
      return spec;
    }
  }
  set_data(packet, spec);
  if (packet.ip_at && layout_of(spec).end != packet.end) {
    spec.length = packet.end - *packet.ip_at;
  }
  return spec;
}

}  // namespace xdpgate
