// SPDX-License-Identifier: GPL-2.0-only
#include "compile/element.h"

#include <xxhash.h>

#include <cstring>

#include "compile/shape.h"

namespace xdpgate {

std::vector<xg_element> elements_of(const AddressRange& range) {
  const bool v4 = range.family == Family::kIpv4;
  std::vector<Prefix6> prefixes;
  append_prefixes(range.lo, range.hi, v4 ? 32 : 128, prefixes);
  std::vector<xg_element> elements;
  for (const Prefix6& prefix : prefixes) {
    elements.push_back({static_cast<std::uint64_t>(prefix.value >> 64),
                        static_cast<std::uint64_t>(prefix.value),
                        v4 ? XG_KIND_IPV4 : XG_KIND_IPV6, prefix.length});
  }
  return elements;
}

AddressRange range_of(const xg_element& element) {
  const bool v4 = element.kind == XG_KIND_IPV4;
  const unsigned open = (v4 ? 32 : 128) - element.length;
  U128 first = U128{element.hi} << 64 | element.lo;
  if (v4) first >>= 96;
  const U128 span = open == 128 ? ~U128{0} : (U128{1} << open) - 1;
  return {v4 ? Family::kIpv4 : Family::kIpv6, first, first | span};
}

void note_length(const xg_element& element, xg_set_lengths& lengths) {
  const std::uint32_t length = element.length;
  if (element.kind == XG_KIND_IPV4) {
    if (length < 32) lengths.ipv4 |= 1ull << length;
  } else if (length < 128) {
    lengths.ipv6[length / 64] |= 1ull << length % 64;
  }
}

std::size_t ElementHash::operator()(const xg_element& element) const {
  return XXH3_64bits(&element, sizeof(element));
}

bool ElementEqual::operator()(const xg_element& a, const xg_element& b) const {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

}  // namespace xdpgate
