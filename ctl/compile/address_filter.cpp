// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_filter.h"

#include <unordered_map>

#include "compile/address_bits.h"

namespace xdpgate {
namespace {

constexpr std::size_t kFromRegions = 100'000;
constexpr std::size_t kMostMarked = XG_FILTER_BITS / 4;

// The last address of region i.
U128 region_end(std::span<const AddressRegion> regions, std::size_t i) {
  return i + 1 < regions.size() ? regions[i + 1].start - 1 : ~U128{0};
}

// The entry that most of the address space leads to.
std::uint32_t widest_entry(std::span<const AddressRegion> regions) {
  std::unordered_map<std::uint32_t, long double> width;
  std::uint32_t best = regions[0].entry;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    width[regions[i].entry] +=
        static_cast<long double>(region_end(regions, i) - regions[i].start);
  }
  for (const auto& [entry, wide] : width) {
    if (wide > width[best]) best = entry;
  }
  return best;
}

}  // namespace

std::optional<AddressFilter> make_filter(
    xg_kind kind, std::span<const AddressRegion> regions) {
  if (regions.size() < kFromRegions) return std::nullopt;
  const unsigned length = kind == XG_KIND_IPV4 ? 24 : 32;
  const std::uint32_t other = widest_entry(regions);
  AddressFilter filter{other & XG_TRIE_VALUE_MASK, {}};
  filter.words.resize(XG_FILTER_BITS / 32);
  std::size_t marked = 0;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (regions[i].entry == other) continue;
    const auto first =
        static_cast<std::uint64_t>(bits_of(regions[i].start, 0, length));
    const auto last =
        static_cast<std::uint64_t>(bits_of(region_end(regions, i), 0, length));
    marked += last - first + 1;
    if (marked > kMostMarked) return std::nullopt;
    for (std::uint64_t prefix = first; prefix <= last; ++prefix) {
      const std::uint32_t bit =
          xg_filter_bit(kind, prefix << (64 - length));
      filter.words[bit / 32] |= 1u << bit % 32;
    }
  }
  return filter;
}

}  // namespace xdpgate
