// SPDX-License-Identifier: GPL-2.0-only
#include "policy/filter_state.h"

#include <algorithm>

namespace xdpgate {

void FilterState::add(std::uint32_t set, const AddressRange& element,
                      std::uint64_t expires_ns) {
  remove(set, element);
  sets_[set].push_back({element, expires_ns});
}

void FilterState::remove(std::uint32_t set, const AddressRange& element) {
  std::erase_if(sets_[set],
                [&](const Element& e) { return e.range == element; });
}

bool FilterState::contains(std::uint32_t set, const Address& address) const {
  return std::ranges::any_of(sets_[set], [&](const Element& e) {
    return e.range.family == address.family && e.range.lo <= address.value &&
           address.value <= e.range.hi &&
           (e.expires_ns == 0 || e.expires_ns > now_ns_);
  });
}

}  // namespace xdpgate
