// SPDX-License-Identifier: GPL-2.0-only
// What a filter remembers from packet to packet, as the evaluator has it: plain
// lists, and a clock that the caller sets.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/names_address.h"
#include "policy/policy.h"

namespace xdpgate {

/// The elements of a policy's dynamic sets at a time.
class FilterState {
 public:
  /// All sets empty, at time 0.
  explicit FilterState(const Policy& policy)
      : sets_(policy.address_sets.size()) {}

  /// From now on it is `now_ns`, on a clock that never goes back.
  void set_clock(std::uint64_t now_ns) { now_ns_ = now_ns; }

  /// Puts `element`, a host or a prefix, into the set Policy::address_sets[set]
  /// until `expires_ns` (0: for good); one that is there already gets the new
  /// time. Sizes are not looked at.
  void add(std::uint32_t set, const AddressRange& element,
           std::uint64_t expires_ns);
  void remove(std::uint32_t set, const AddressRange& element);

  /// Whether an element that has not expired holds `address`.
  [[nodiscard]] bool contains(std::uint32_t set, const Address& address) const;

 private:
  struct Element {
    AddressRange range;
    std::uint64_t expires_ns;
  };

  std::vector<std::vector<Element>> sets_;
  std::uint64_t now_ns_ = 0;
};

}  // namespace xdpgate
