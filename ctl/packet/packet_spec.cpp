// SPDX-License-Identifier: GPL-2.0-only
#include "packet/packet_spec.h"

#include <algorithm>

namespace xdpgate {

PacketSpec default_spec(Family family) {
  PacketSpec spec;
  if (family == Family::kIpv4) return spec;
  constexpr U128 kDocumentation = U128{0x20010db8} << 96;
  spec.ethertype = kEtherIpv6;
  spec.src = kDocumentation | 1;
  spec.dst = kDocumentation | 2;
  spec.icmp_type = 128;
  return spec;
}

std::optional<Family> family_of(const PacketSpec& spec) {
  if (spec.ethertype == kEtherIpv4) return Family::kIpv4;
  if (spec.ethertype == kEtherIpv6) return Family::kIpv6;
  return std::nullopt;
}

void add_ip_options(PacketSpec& spec) {
  if (spec.ethertype == kEtherIpv4) {
    spec.option_words = std::max<std::uint8_t>(spec.option_words, 1);
  } else if (spec.extensions.empty()) {
    spec.extensions.emplace_back();
  }
}

bool is_extension_header(std::uint32_t protocol) {
  constexpr std::uint8_t kKinds[] = {0, 43, 44, 51, 60, 135, 139, 140};
  return std::ranges::find(kKinds, protocol) != std::end(kKinds);
}

}  // namespace xdpgate
