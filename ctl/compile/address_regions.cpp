// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_regions.h"

#include <algorithm>

namespace xdpgate {
namespace {

// Something begins or ends to hold the addresses from `at` on. At one place
// prefixes end before others begin, and outer ones begin first.
struct Event {
  enum Kind : std::uint8_t { kPrefixEnd, kPrefixStart, kSetFlip };
  U128 at;
  std::uint32_t number;
  Kind kind;
};

void sort_events(std::vector<Event>& events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.kind != b.kind) return a.kind < b.kind;
    return a.number < b.number;
  });
}

template <class T>
void add_set(const IntervalSet<T>& set, std::uint32_t number, unsigned shift,
             std::vector<Event>& events) {
  for (const auto& [lo, hi] : set.intervals()) {
    events.push_back({U128{lo} << shift, number, Event::kSetFlip});
    const U128 end = (U128{hi} << shift) + (U128{1} << shift);
    if (end != 0) events.push_back({end, number, Event::kSetFlip});
  }
}

// A number whose bits look random (splitmix64's finisher).
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::vector<AddressRegion> sweep(std::vector<Event> events,
                                 const AddressCodes& codes,
                                 AddressClasses& classes) {
  sort_events(events);
  const std::size_t outside = codes.remainder.size() - 1;
  std::vector<std::size_t> open = {outside};  // prefixes, outermost first
  std::vector<AddressRegion> regions;
  auto close_point = [&](U128 at) {
    const auto address = classes.current(codes.remainder[open.back()]);
    if (regions.empty() || regions.back().address != address) {
      regions.push_back({at, address});
    }
  };
  std::size_t i = 0;
  if (events.empty() || events[0].at != 0) close_point(0);
  while (i < events.size()) {
    const U128 at = events[i].at;
    for (; i < events.size() && events[i].at == at; ++i) {
      if (events[i].kind == Event::kSetFlip) classes.flip(events[i].number);
      if (events[i].kind == Event::kPrefixStart) open.push_back(events[i].number);
      if (events[i].kind == Event::kPrefixEnd) open.pop_back();
    }
    close_point(at);
  }
  return regions;
}

}  // namespace

AddressClasses::AddressClasses(std::size_t set_count)
    : row_words(static_cast<std::uint32_t>(
          std::max<std::size_t>(1, (set_count + 31) / 32))),
      active_(row_words) {}

void AddressClasses::flip(std::uint32_t set) {
  active_[set / 32] ^= 1u << set % 32;
  active_hash_ ^= scramble(set);
}

std::uint32_t AddressClasses::current_row() {
  auto [begin, end] = row_by_hash_.equal_range(active_hash_);
  for (auto it = begin; it != end; ++it) {
    const auto row = rows.begin() + std::size_t{it->second} * row_words;
    if (std::equal(active_.begin(), active_.end(), row)) return it->second;
  }
  const auto number = static_cast<std::uint32_t>(rows.size() / row_words);
  rows.insert(rows.end(), active_.begin(), active_.end());
  row_by_hash_.emplace(active_hash_, number);
  return number;
}

std::uint32_t AddressClasses::current(std::uint32_t code) {
  const std::uint32_t row = current_row();
  auto [found, is_new] = class_by_pair_.try_emplace(
      std::uint64_t{code} << 32 | row,
      static_cast<std::uint32_t>(addresses.size()));
  if (is_new) addresses.push_back({code, row});
  return found->second;
}

std::vector<AddressRegion> ipv4_regions(
    std::span<const AddressSet* const> sets, AddressClasses& classes) {
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    add_set(sets[i]->v4, i, 96, events);
  }
  AddressCodes none;
  none.remainder = {0};
  auto regions = sweep(std::move(events), none, classes);
  // Sets that reach to the end of the space are still active.
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    if (sets[i]->v4.contains(~0u)) classes.flip(i);
  }
  return regions;
}

std::vector<AddressRegion> ipv6_regions(
    std::span<const Prefix6> prefixes, const AddressCodes& codes,
    std::span<const AddressSet* const> sets, AddressClasses& classes) {
  std::vector<Event> events;
  for (std::uint32_t n = 0; n < prefixes.size(); ++n) {
    const Prefix6& p = prefixes[n];
    events.push_back({p.value, n, Event::kPrefixStart});
    if (p.length == 0) continue;
    const U128 end = p.value + (U128{1} << (128 - p.length));
    if (end != 0) events.push_back({end, n, Event::kPrefixEnd});
  }
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    add_set(sets[i]->v6, i, 0, events);
  }
  auto regions = sweep(std::move(events), codes, classes);
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    if (sets[i]->v6.contains(~U128{0})) classes.flip(i);
  }
  return regions;
}

}  // namespace xdpgate
