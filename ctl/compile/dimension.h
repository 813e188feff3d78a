// SPDX-License-Identifier: GPL-2.0-only
// The alternatives of one match key, for one kind of packet. Internal to
// shape.cpp; one function a group of keys.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compile/shape.h"

namespace xdpgate {

/// The alternatives of one key. No alternatives: the key cannot hold. `folded`
/// is the same in fewer alternatives, empty where there is no such form.
struct Dimension {
  std::vector<Condition> any_of;
  std::vector<Condition> folded;
};
using Dimensions = std::vector<Dimension>;

/// Link and network layer: interface, MACs, ethertype, VLANs.
void add_link_dimensions(const Match& match, xg_kind kind,
                         const ShapeContext& context, Dimensions& dimensions);
/// IP header: ttl, dscp, ecn, length, fragment, ip_options, payload.
void add_network_dimensions(const Match& match, Dimensions& dimensions);
/// protocol, ports, tcp_flags, icmp_type, icmp_code.
void add_transport_dimensions(const Match& match, xg_kind kind,
                              Dimensions& dimensions);
/// `src` or `dst`: the alternatives; none where no address of the kind fits.
std::vector<AddressAlternative> address_alternatives(const AddressMatch& match,
                                                     bool is_dst, xg_kind kind,
                                                     bool fold,
                                                     ShapeContext& context);

}  // namespace xdpgate
