// SPDX-License-Identifier: GPL-2.0-only
#include "tests/analyze/place.h"

#include <algorithm>
#include <optional>

namespace xdpgate::test {
namespace {

using Number = std::optional<U128>;
using Bytes = std::vector<std::uint8_t>;

Number number(const auto& field) {
  return field ? Number(*field) : std::nullopt;
}

Number bytes_behind(const Packet& p, const std::optional<std::uint32_t>& base) {
  if (!base) return std::nullopt;
  return p.end > *base ? p.end - *base : 0;
}

Number fragment_options(const Packet& p) {
  if (!p.fragment) return std::nullopt;
  return 2 * static_cast<unsigned>(*p.fragment) + (*p.ip_options ? 1 : 0);
}

Number number_of(const Packet& p, SpaceField field, const Space& space) {
  switch (field) {
    case kInterface: {
      const auto at = std::ranges::find(space.interfaces(), p.interface);
      return static_cast<U128>(at - space.interfaces().begin());
    }
    case kEtherEnd:
      return p.end;
    case kEthertype:
      return number(p.ethertype);
    case kVlan:
      return p.vlan.value_or(kNoTag);
    case kInnerVlan:
      return p.inner_vlan.value_or(kNoTag);
    case kSrc:
      return p.src ? Number(p.src->value) : std::nullopt;
    case kDst:
      return p.dst ? Number(p.dst->value) : std::nullopt;
    case kProtocol:
      return number(p.protocol);
    case kSrcPort:
      return number(p.src_port);
    case kDstPort:
      return number(p.dst_port);
    case kIcmpType:
      return number(p.icmp_type);
    case kIcmpCode:
      return number(p.icmp_code);
    case kTtl:
      return number(p.ttl);
    case kDscp:
      return number(p.dscp);
    case kEcn:
      return number(p.ecn);
    case kLength:
      return number(p.length);
    case kFragmentOptions:
      return fragment_options(p);
    case kL4End:
      return bytes_behind(p, p.l4_at);
    case kDataEnd: {
      const Number behind = bytes_behind(p, p.data_at);
      return p.l4_at ? behind.value_or(0) : behind;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Bytes> split(const auto& field, unsigned bytes) {
  if (!field) return std::nullopt;
  Bytes result(bytes);
  for (unsigned i = 0; i < bytes; ++i) {
    result[i] = static_cast<std::uint8_t>(*field >> 8 * (bytes - 1 - i));
  }
  return result;
}

std::optional<Bytes> from(const Packet& p,
                          const std::optional<std::uint32_t>& base) {
  if (!base || *base > p.end) return std::nullopt;
  return Bytes(p.bytes.begin() + *base, p.bytes.begin() + p.end);
}

std::optional<Bytes> bytes_of(const Packet& p, SpaceField field) {
  switch (field) {
    case kSrcMac:
      return split(p.src_mac, 6);
    case kDstMac:
      return split(p.dst_mac, 6);
    case kTcpFlags:
      return split(p.tcp_flags, 2);
    case kEtherBytes:
      return from(p, 0);
    case kIpBytes:
      return from(p, p.ip_at);
    case kL4Bytes:
      return from(p, p.l4_at);
    case kDataBytes:
      return p.data_at || !p.l4_at ? from(p, p.data_at) : Bytes();
    default:
      return std::nullopt;
  }
}

bool is_bytes(SpaceField field) {
  switch (field) {
    case kSrcMac:
    case kDstMac:
    case kTcpFlags:
    case kEtherBytes:
    case kIpBytes:
    case kL4Bytes:
    case kDataBytes:
      return true;
    default:
      return false;
  }
}

bool holds(const Cube& cube, const Bytes& bytes) {
  return std::ranges::all_of(cube, [&](const ByteTest& test) {
    // Bytes beyond the end are asked for together with where the end is.
    return test.at >= bytes.size() ||
           (bytes[test.at] & test.mask) == test.value;
  });
}

bool has(const Packet& p, SpaceField field, const Space& space) {
  if (field == kUnknown) return true;
  return is_bytes(field) ? bytes_of(p, field).has_value()
                         : number_of(p, field, space).has_value();
}

// Fields that a kind may leave out though the packet has bytes there.
bool may_lack(SpaceField field, const Kind& kind) {
  switch (field) {
    case kIpBytes:
    case kL4Bytes:
    case kL4End:
    case kDataBytes:
    case kDataEnd:
      return !kind.well_formed;
    default:
      return false;
  }
}

}  // namespace

bool lies_in(const Packet& packet, SpaceField field, const Values& values,
             const Space& space) {
  if (field == kUnknown) return true;
  if (!is_bytes(field)) {
    const Number number = number_of(packet, field, space);
    return number && values.numbers.contains(*number);
  }
  const auto bytes = bytes_of(packet, field);
  return bytes && std::ranges::any_of(values.cubes, [&](const Cube& cube) {
           return holds(cube, *bytes);
         });
}

bool is_of(const Packet& packet, const Kind& kind, const Space& space) {
  if (kind.well_formed != (packet.packet_class == XG_CLASS_OK)) return false;
  for (int i = 0; i < kFields; ++i) {
    const auto field = static_cast<SpaceField>(i);
    const auto& domain = kind.domain[field];
    if (domain ? !lies_in(packet, field, *domain, space)
               : has(packet, field, space) && !may_lack(field, kind)) {
      const bool no_data = field == kDataEnd || field == kDataBytes;
      if (domain || !no_data || packet.data_at) return false;
    }
  }
  return true;
}

bool lies_in(const Packet& packet, const FieldBox& box, const Space& space) {
  return is_of(packet, *box.kind, space) &&
         for_all(box.asked, [&](SpaceField field) {
           return lies_in(packet, field, *box.values[field], space);
         });
}

}  // namespace xdpgate::test
