// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_regions.h"

#include <algorithm>

namespace xdpgate {
namespace {

// From `at` on a set holds the addresses, or holds them no more.
struct Flip {
  U128 at;
  std::uint32_t set;
};

template <class T>
void add_set(const IntervalSet<T>& set, std::uint32_t number, unsigned shift,
             std::vector<Flip>& flips) {
  for (const auto& [lo, hi] : set.intervals()) {
    flips.push_back({U128{lo} << shift, number});
    const U128 end = (U128{hi} << shift) + (U128{1} << shift);
    if (end != 0) flips.push_back({end, number});
  }
}

// A number whose bits look random (splitmix64's finisher).
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void add_region(U128 start, std::uint32_t entry,
                std::vector<AddressRegion>& regions) {
  if (!regions.empty() && regions.back().start == start) regions.pop_back();
  if (regions.empty() || regions.back().entry != entry) {
    regions.push_back({start, entry});
  }
}

// Sets that reach to the end of the space are still active behind a sweep.
void forget_active(xg_kind kind, std::span<const AddressSet* const> sets,
                   SetRows& rows) {
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    if (kind == XG_KIND_IPV4 ? sets[i]->v4.contains(~0u)
                             : sets[i]->v6.contains(~U128{0})) {
      rows.flip(i);
    }
  }
}

}  // namespace

SetRows::SetRows(std::size_t set_count)
    : row_words(static_cast<std::uint32_t>(
          std::max<std::size_t>(1, (set_count + 31) / 32))),
      active_(row_words) {}

void SetRows::flip(std::uint32_t set) {
  active_[set / 32] ^= 1u << set % 32;
  active_hash_ ^= scramble(set);
}

std::uint32_t SetRows::current() {
  auto [begin, end] = by_hash_.equal_range(active_hash_);
  for (auto it = begin; it != end; ++it) {
    const auto row = words.begin() + std::size_t{it->second} * row_words;
    if (std::equal(active_.begin(), active_.end(), row)) return it->second;
  }
  const auto number = static_cast<std::uint32_t>(words.size() / row_words);
  words.insert(words.end(), active_.begin(), active_.end());
  by_hash_.emplace(active_hash_, number);
  return number;
}

std::vector<AddressRegion> set_regions(xg_kind kind,
                                       std::span<const AddressSet* const> sets,
                                       SetRows& rows) {
  std::vector<Flip> flips;
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    if (kind == XG_KIND_IPV4) add_set(sets[i]->v4, i, 96, flips);
    if (kind == XG_KIND_IPV6) add_set(sets[i]->v6, i, 0, flips);
  }
  std::sort(flips.begin(), flips.end(),
            [](const Flip& a, const Flip& b) { return a.at < b.at; });
  std::vector<AddressRegion> regions;
  add_region(0, XG_TRIE_LEAF | rows.current(), regions);
  for (std::size_t i = 0; i < flips.size();) {
    const U128 at = flips[i].at;
    for (; i < flips.size() && flips[i].at == at; ++i) rows.flip(flips[i].set);
    add_region(at, XG_TRIE_LEAF | rows.current(), regions);
  }
  forget_active(kind, sets, rows);
  return regions;
}

std::vector<AddressRegion> code_regions(
    const AddressCodes& codes, std::span<const std::uint32_t> entries) {
  std::vector<AddressRegion> regions;
  struct Open {
    U128 end;  // the first address behind it; 0: none
    std::uint32_t entry;
  };
  std::vector<Open> open = {{0, XG_TRIE_LEAF | codes.outside}};
  add_region(0, open.back().entry, regions);
  auto close_until = [&](U128 last) {  // blocks that end at `last` or before
    while (open.back().end != 0 && open.back().end - 1 <= last) {
      const U128 end = open.back().end;
      open.pop_back();
      add_region(end, open.back().entry, regions);
    }
  };
  for (std::size_t n = 0; n < codes.blocks.size(); ++n) {
    const auto& [value, length] = codes.blocks[n].prefix;
    if (value != 0) close_until(value - 1);
    const U128 end = length == 0 ? 0 : value + (U128{1} << (128 - length));
    open.push_back({end, entries[n]});
    add_region(value, entries[n], regions);
  }
  close_until(~U128{0});
  return regions;
}

}  // namespace xdpgate
