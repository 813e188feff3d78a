// SPDX-License-Identifier: GPL-2.0-only
// protocol, src_port, dst_port, port, tcp_flags, icmp_type, icmp_code.
#include "compile/dimension.h"

namespace xdpgate {
namespace {

// More protocols than this are a bitmap, which costs one test, not boxes.
constexpr std::size_t kMaxProtocols = 4;

Condition protocol_condition(std::uint32_t protocol) {
  Condition condition = flag_condition(XG_F_PROTO);
  condition.proto.add(0xff, protocol);
  return condition;
}

std::vector<std::uint32_t> few_numbers(const NumberSet& numbers) {
  std::vector<std::uint32_t> result;
  for (const auto& [lo, hi] : numbers.intervals()) {
    for (std::uint32_t n = lo; n <= hi; ++n) {
      result.push_back(n);
      if (result.size() > kMaxProtocols) return result;
    }
  }
  return result;
}

Dimension protocol_dimension(const NumberSet& protocols) {
  Dimension dimension;
  const auto few = few_numbers(protocols);
  if (few.size() <= kMaxProtocols) {
    for (std::uint32_t protocol : few) {
      dimension.any_of.push_back(protocol_condition(protocol));
    }
    return dimension;
  }
  auto known = flag_condition(XG_F_PROTO)
                   .with(number_condition(XG_W_PROTO, 0, 0xff, protocols));
  dimension.any_of.push_back(std::move(*known));
  return dimension;
}

Condition port_condition(bool is_dst, const Interval<std::uint32_t>& range) {
  Condition condition = flag_condition(XG_F_PORTS);
  (is_dst ? condition.dst_port : condition.src_port) = range;
  return condition;
}

// Ports of one side; the folded form is a bitmap.
void add_ports(bool is_dst, const NumberSet& ports, Dimension& dimension) {
  if (ports.empty()) return;
  for (const auto& range : ports.intervals()) {
    dimension.any_of.push_back(port_condition(is_dst, range));
  }
  auto folded = flag_condition(XG_F_PORTS)
                    .with(number_condition(XG_W_PORTS, is_dst ? 0 : 16, 0xffff,
                                           ports));
  dimension.folded.push_back(std::move(*folded));
}

void add_port_dimensions(const Match& match, Dimensions& dimensions) {
  if (match.src_port) {
    add_ports(false, *match.src_port, dimensions.emplace_back());
  }
  if (match.dst_port) {
    add_ports(true, *match.dst_port, dimensions.emplace_back());
  }
  if (!match.port) return;
  if (match.port->negated) {
    const NumberSet others = match.port->ports.complement(65535);
    add_ports(false, others, dimensions.emplace_back());
    add_ports(true, others, dimensions.emplace_back());
  } else {
    Dimension& either = dimensions.emplace_back();
    add_ports(false, match.port->ports, either);
    add_ports(true, match.port->ports, either);
  }
}

// The flag words that any of the patterns accepts, out of 4096.
NumberSet accepted_flags(const FlagsMatch& match) {
  std::vector<Interval<std::uint32_t>> accepted;
  for (std::uint32_t flags = 0; flags < 4096; ++flags) {
    for (const FlagsPattern& pattern : match.any_of) {
      if ((flags & pattern.mask) == pattern.set) {
        accepted.push_back({flags, flags});
        break;
      }
    }
  }
  NumberSet set(std::move(accepted));
  return match.negated ? set.complement(0xfff) : set;
}

Dimension flags_dimension(const FlagsMatch& match) {
  Dimension dimension;
  if (match.any_of.size() == 1 && !match.negated) {
    const FlagsPattern& pattern = match.any_of[0];
    if ((pattern.set & ~pattern.mask) != 0) return dimension;
    Condition condition = flag_condition(XG_F_TCP);
    condition.l4 = {pattern.mask, pattern.set};
    dimension.any_of.push_back(std::move(condition));
    return dimension;
  }
  const NumberSet accepted = accepted_flags(match);
  if (accepted.empty()) return dimension;
  auto known = flag_condition(XG_F_TCP)
                   .with(number_condition(XG_W_L4, 0, 0xfff, accepted));
  dimension.any_of.push_back(std::move(*known));
  return dimension;
}

Dimension icmp_dimension(const IcmpMatch& match, xg_kind kind,
                         unsigned shift) {
  Dimension dimension;
  const bool is_v4 = kind == XG_KIND_IPV4;
  const NumberSet& numbers = is_v4 ? match.v4 : match.v6;
  if (numbers.empty()) return dimension;
  Condition condition = flag_condition(is_v4 ? XG_F_ICMP : XG_F_ICMPV6);
  const auto& first = numbers.intervals()[0];
  if (numbers.size() == 1 && first.lo == first.hi) {
    condition.l4 = {0xffu << shift, first.lo << shift};
  } else {
    condition = *condition.with(number_condition(XG_W_L4, shift, 0xff, numbers));
  }
  dimension.any_of.push_back(std::move(condition));
  return dimension;
}

}  // namespace

void add_transport_dimensions(const Match& match, xg_kind kind,
                              Dimensions& dimensions) {
  if (match.protocol) {
    dimensions.push_back(protocol_dimension(*match.protocol));
  }
  add_port_dimensions(match, dimensions);
  if (match.tcp_flags) dimensions.push_back(flags_dimension(*match.tcp_flags));
  if (match.icmp_type) {
    dimensions.push_back(icmp_dimension(*match.icmp_type, kind, 8));
  }
  if (match.icmp_code) {
    dimensions.push_back(icmp_dimension(*match.icmp_code, kind, 0));
  }
}

}  // namespace xdpgate
