// SPDX-License-Identifier: GPL-2.0-only
#include "packet/frame_layout.h"

#include <xdpgate/abi.h>

#include <algorithm>

namespace xdpgate {
namespace {

constexpr std::uint32_t kArpBytes = 28;
constexpr std::uint32_t kIpv6LengthMax = 40 + 65535;

std::uint32_t ip_header_bytes(const PacketSpec& spec) {
  if (spec.ethertype == kEtherIpv4) {
    return 20 + 4 * std::min<std::uint32_t>(spec.option_words, 10);
  }
  std::uint32_t bytes = 40;
  for (const Extension& extension : spec.extensions) {
    bytes += extension_bytes(extension);
  }
  return bytes + (spec.fragment == Fragment::kNone ? 0 : 8);
}

// Header of the upper layer; 0 where there is none that the reader knows.
std::uint32_t upper_header_bytes(const PacketSpec& spec) {
  if (spec.fragment == Fragment::kLater) return 0;
  switch (spec.protocol) {
    case 6:
      return 4u * std::clamp<std::uint32_t>(spec.header_words, 5, 15);
    case 33:
      return 4u * std::max<std::uint32_t>(spec.header_words, 3);
    case 132:
      return 12;
    case 17:
    case 136:
      return 8;
    default:
      return is_icmp(spec) ? 8 : 0;
  }
}

// The reader is content with half a header of ICMPv6.
std::uint32_t least_upper_bytes(const PacketSpec& spec) {
  const bool half = spec.ethertype == kEtherIpv6 && is_icmp(spec) &&
                    spec.fragment != Fragment::kLater && spec.data.empty();
  return half ? 4 : upper_header_bytes(spec);
}

std::uint32_t data_bytes(const PacketSpec& spec) {
  if (spec.ethertype == kEtherArp && spec.data.empty()) return kArpBytes;
  return static_cast<std::uint32_t>(spec.data.size());
}

std::uint32_t end_of_patches(const PacketSpec& spec,
                             const FrameLayout& layout) {
  std::uint32_t end = 0;
  for (const Patch& patch : spec.patches) {
    const auto base = base_at(layout, patch.base);
    if (!base) continue;
    end = std::max(end, *base + patch.offset +
                            static_cast<std::uint32_t>(patch.bytes.size()));
  }
  return end;
}

void place_ip(const PacketSpec& spec, FrameLayout& layout) {
  layout.ip_at = layout.network_at;
  layout.upper_at = layout.network_at + ip_header_bytes(spec);
  const std::uint32_t header = upper_header_bytes(spec);
  layout.body_at = layout.upper_at + header;
  if (spec.fragment != Fragment::kNone && spec.ethertype == kEtherIpv6) {
    layout.fragment_at = layout.upper_at - 8;
  }
  if (spec.fragment != Fragment::kLater) layout.l4_at = layout.upper_at;
  if (header > 0) layout.data_at = layout.body_at;
}

std::uint32_t end_of_ip(const PacketSpec& spec, const FrameLayout& layout) {
  const std::uint32_t ip = *layout.ip_at;
  if (spec.length) {
    return ip + std::min(std::max(*spec.length, min_length(spec)),
                         max_length(spec));
  }
  const std::uint32_t end =
      std::max(layout.body_at + data_bytes(spec), end_of_patches(spec, layout));
  return std::min(end, ip + max_length(spec));
}

}  // namespace

FrameLayout layout_of(const PacketSpec& spec) {
  FrameLayout layout;
  const std::size_t tags = std::min<std::size_t>(spec.tags.size(), XG_MAX_TAGS);
  layout.network_at = static_cast<std::uint32_t>(14 + 4 * tags);
  if (family_of(spec)) {
    place_ip(spec, layout);
    layout.end = end_of_ip(spec, layout);
    if (layout.data_at && *layout.data_at > layout.end) layout.data_at.reset();
    return layout;
  }
  layout.upper_at = layout.body_at = layout.network_at;
  layout.end =
      std::max(layout.body_at + data_bytes(spec), end_of_patches(spec, layout));
  return layout;
}

std::uint32_t min_length(const PacketSpec& spec) {
  return ip_header_bytes(spec) + least_upper_bytes(spec) + data_bytes(spec);
}

std::uint32_t max_length(const PacketSpec& spec) {
  return spec.ethertype == kEtherIpv4 ? XG_LENGTH_MAX : kIpv6LengthMax;
}

std::optional<FrameField> upper_checksum(const PacketSpec& spec,
                                         const FrameLayout& layout) {
  if (!layout.l4_at) return std::nullopt;
  switch (spec.protocol) {
    case 6:
      return FrameField{*layout.l4_at + 16, 2};
    case 17:
    case 33:
    case 136:
      return FrameField{*layout.l4_at + 6, 2};
    case 132:
      return FrameField{*layout.l4_at + 8, 4};
    default:
      if (!is_icmp(spec)) return std::nullopt;
      return FrameField{*layout.l4_at + 2, 2};
  }
}

bool has_ports(std::uint32_t protocol) {
  return protocol == 6 || protocol == 17 || protocol == 33 ||
         protocol == 132 || protocol == 136;
}

bool is_icmp(const PacketSpec& spec) {
  return spec.protocol == (spec.ethertype == kEtherIpv4 ? 1 : 58);
}

std::uint32_t extension_bytes(const Extension& extension) {
  if (extension.kind == 44) return 8;
  if (extension.kind == 51) return (extension.length + 2u) * 4;
  return (extension.length + 1u) * 8;
}

std::optional<std::uint32_t> base_at(const FrameLayout& layout,
                                     PayloadBase base) {
  switch (base) {
    case PayloadBase::kEther:
      return 0;
    case PayloadBase::kIp:
      return layout.ip_at;
    case PayloadBase::kL4:
      return layout.l4_at;
    case PayloadBase::kData:
      return layout.data_at;
  }
  return std::nullopt;
}

}  // namespace xdpgate
