// SPDX-License-Identifier: GPL-2.0-only
#include "compile/set_table.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>

namespace xdpgate {
namespace {

template <class T>
std::uint64_t hash_intervals(const IntervalSet<T>& set, std::uint64_t seed) {
  const auto& intervals = set.intervals();
  return XXH3_64bits_withSeed(intervals.data(),
                              intervals.size() * sizeof(intervals[0]), seed);
}

std::uint64_t hash_elements(const AddressSet& elements) {
  return hash_intervals(elements.v6, hash_intervals(elements.v4, 0));
}

}  // namespace

AddressSetTable::AddressSetTable(const Policy& policy) : policy_(policy) {}

std::uint32_t AddressSetTable::add(const AddressSet* elements) {
  sets_.push_back(elements);
  uses_.push_back(1);
  return static_cast<std::uint32_t>(sets_.size() - 1);
}

std::uint32_t AddressSetTable::use_named(std::uint32_t named) {
  auto found = named_.find(named);
  if (found != named_.end()) {
    ++uses_[found->second];
    return found->second;
  }
  return named_[named] = add(&policy_.address_sets[named].elements);
}

std::uint32_t AddressSetTable::use_listed(const AddressSet& elements) {
  const std::uint64_t hash = hash_elements(elements);
  auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (*sets_[it->second] == elements) {
      ++uses_[it->second];
      return it->second;
    }
  }
  listed_.push_back(elements);
  const std::uint32_t index = add(&listed_.back());
  by_hash_.emplace(hash, index);
  return index;
}

void AddressSetTable::rank() {
  std::vector<std::uint32_t> order(sets_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return uses_[a] > uses_[b];
  });
  bits_.resize(sets_.size());
  for (std::uint32_t bit = 0; bit < order.size(); ++bit) bits_[order[bit]] = bit;
}

std::vector<const AddressSet*> AddressSetTable::by_bit() const {
  std::vector<const AddressSet*> result(sets_.size());
  for (std::size_t i = 0; i < sets_.size(); ++i) result[bits_[i]] = sets_[i];
  return result;
}

}  // namespace xdpgate
