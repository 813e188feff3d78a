// SPDX-License-Identifier: GPL-2.0-only
#include "engine/host_maps.h"

#include "base/clock.h"

namespace xdpgate {

HostMaps::HostMaps(std::uint32_t set_count)
    : sets_(set_count), hooks_{this, clock, find, lengths} {}

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

}  // namespace xdpgate
