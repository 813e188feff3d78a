// SPDX-License-Identifier: GPL-2.0-only
#include "compile/shape.h"

#include <algorithm>

#include "compile/dimension.h"

namespace xdpgate {
namespace {

// Whether a packet without an IP header can satisfy the rule at all.
bool asks_for_ip(const Match& m) {
  return m.family || m.src || m.dst || m.protocol || m.src_port ||
         m.dst_port || m.port || m.tcp_flags || m.icmp_type || m.icmp_code ||
         m.ttl || m.dscp || m.ecn || m.length || m.fragment || m.ip_options;
}

bool kind_possible(const Match& match, xg_kind kind) {
  if (kind == XG_KIND_OTHER) return !asks_for_ip(match);
  if (!match.family) return true;
  return (*match.family == Family::kIpv4) == (kind == XG_KIND_IPV4);
}

std::vector<AddressAlternative> side(const std::optional<AddressMatch>& match,
                                     bool is_dst, xg_kind kind, bool fold,
                                     ShapeContext& context) {
  if (!match) return {AddressAlternative{}};
  return address_alternatives(*match, is_dst, kind, fold, context);
}

// Folds the dimension with the most alternatives; false where none can be.
bool fold_largest(Dimensions& dimensions) {
  Dimension* largest = nullptr;
  for (Dimension& d : dimensions) {
    if (d.folded.empty() || d.folded.size() >= d.any_of.size()) continue;
    if (!largest || d.any_of.size() > largest->any_of.size()) largest = &d;
  }
  if (!largest) return false;
  largest->any_of = std::move(largest->folded);
  largest->folded.clear();
  return true;
}

std::size_t product_size(const Dimensions& dimensions) {
  std::size_t size = 1;
  for (const Dimension& d : dimensions) size *= d.any_of.size();
  return size;
}

std::vector<Condition> product(const Dimensions& dimensions) {
  std::vector<Condition> result{Condition{}};
  for (const Dimension& dimension : dimensions) {
    std::vector<Condition> next;
    for (const Condition& so_far : result) {
      for (const Condition& alternative : dimension.any_of) {
        auto both = so_far.with(alternative);
        if (both) next.push_back(std::move(*both));
      }
    }
    result = std::move(next);
  }
  return result;
}

}  // namespace

std::optional<RuleShape> shape_of(const Rule& rule, xg_kind kind,
                              ShapeContext& context) {
  const Match& match = rule.match;
  if (!kind_possible(match, kind)) return std::nullopt;
  Dimensions dimensions;
  add_link_dimensions(match, kind, context, dimensions);
  add_network_dimensions(match, dimensions);
  add_transport_dimensions(match, kind, dimensions);
  for (Dimension& d : dimensions) {
    if (d.any_of.size() > kMaxAlternatives && !d.folded.empty()) {
      d.any_of = d.folded;
    }
  }
  RuleShape shape;
  shape.src = side(match.src, false, kind, false, context);
  shape.dst = side(match.dst, true, kind, false, context);
  auto boxes = [&] {
    return shape.src.size() * shape.dst.size() * product_size(dimensions);
  };
  while (boxes() > kMaxBoxes && fold_largest(dimensions)) {
  }
  if (boxes() > kMaxBoxes && shape.src.size() > 1) {
    shape.src = side(match.src, false, kind, true, context);
  }
  if (boxes() > kMaxBoxes && shape.dst.size() > 1) {
    shape.dst = side(match.dst, true, kind, true, context);
  }
  if (boxes() == 0) return std::nullopt;
  shape.rest = product(dimensions);
  if (shape.rest.empty()) return std::nullopt;
  return shape;
}

}  // namespace xdpgate
