// SPDX-License-Identifier: GPL-2.0-only
#include "engine/host_maps.h"

#include <algorithm>
#include <cerrno>

#include "base/clock.h"
#include "compile/set_info.h"

namespace xdpgate {

HostMaps::HostMaps(const ImageView& image)
    : sets_(image.header().set_count),
      limits_(image.header().limit_buckets),
      hooks_{this, clock, find, lengths, store, bucket} {
  const auto infos = set_infos(image);
  for (std::size_t i = 0; infos && i < infos->size() && i < sets_.size(); ++i) {
    sets_[i].size = (*infos)[i].size;
  }
}

void HostMaps::forget() {
  for (Set& set : sets_) {
    set.elements.clear();
    set.lengths = {};
  }
  for (std::uint32_t number : touched_) limits_[number] = {};
  touched_.clear();
}

void HostMaps::add(std::uint32_t set, const xg_element& element,
                   std::uint64_t expires_ns) {
  sets_.at(set).elements[element] = expires_ns;
  note_length(element, sets_[set].lengths);
}

void HostMaps::remove(std::uint32_t set, const xg_element& element) {
  sets_.at(set).elements.erase(element);
}

__u64 HostMaps::clock(void* self) {
  const std::uint64_t set = static_cast<HostMaps*>(self)->now_ns_;
  return set != 0 ? set : boottime_ns();
}

const __u64* HostMaps::find(void* self, std::uint32_t set,
                            const xg_element* element) {
  const auto& sets = static_cast<HostMaps*>(self)->sets_;
  if (set >= sets.size()) return nullptr;
  const auto found = sets[set].elements.find(*element);
  return found == sets[set].elements.end() ? nullptr : &found->second;
}

const xg_set_lengths* HostMaps::lengths(void* self, std::uint32_t set) {
  const auto& sets = static_cast<HostMaps*>(self)->sets_;
  return set < sets.size() ? &sets[set].lengths : nullptr;
}

long HostMaps::store(void* self, std::uint32_t number,
                     const xg_element* element, __u64 expires_ns) {
  auto* maps = static_cast<HostMaps*>(self);
  if (number >= maps->sets_.size()) return 0;
  Set& set = maps->sets_[number];
  if (!set.elements.contains(*element) && set.elements.size() >= set.size) {
    const std::uint64_t now = clock(self);
    std::erase_if(set.elements, [&](const auto& e) {
      return e.second != XG_NEVER && e.second <= now;
    });
    if (set.elements.size() >= set.size) return -E2BIG;
  }
  set.elements[*element] = expires_ns;
  return 0;
}

xg_limit_bucket* HostMaps::bucket(void* self, std::uint32_t number) {
  auto* maps = static_cast<HostMaps*>(self);
  if (number >= maps->limits_.size()) return nullptr;
  xg_limit_bucket* bucket = &maps->limits_[number];
  // Whoever looks at it takes its first way first.
  if (number > 0 && bucket->tag[0] == 0) maps->touched_.push_back(number);
  return bucket;
}

}  // namespace xdpgate
