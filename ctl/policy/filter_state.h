// SPDX-License-Identifier: GPL-2.0-only
// What a filter remembers from packet to packet, as the evaluator has it: plain
// lists, and a clock that the caller sets.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "policy/names_address.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// The elements of a policy's dynamic sets at a time, and what its limits have
/// let through. The policy must outlive it.
class FilterState {
 public:
  /// All sets empty and all buckets full, at time 0.
  explicit FilterState(const Policy& policy)
      : policy_(policy), sets_(policy.address_sets.size()) {}

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

  /// Whether `packet` is within the limit of rule number `rule`; it is charged
  /// where it is. Every key has a bucket of its own, however many there are.
  bool take(std::uint32_t rule, const Packet& packet);
  /// Puts `source` into a set, as a rule of the running filter does: not where
  /// the set is full, and not again while the last time is young.
  void ban(const Ban& ban, const Address& source);

 private:
  // A rule, and a family and the leading bits of an address (family 0: none).
  using Key = std::tuple<std::uint32_t, int, U128>;

  [[nodiscard]] bool has_room(std::uint32_t set) const;
  struct Element {
    AddressRange range;
    std::uint64_t expires_ns;
  };

  const Policy& policy_;
  std::vector<std::vector<Element>> sets_;
  std::map<Key, U128> full_;  // when its bucket is, in 1/XG_LIMIT_UNITS ns
  std::uint64_t now_ns_ = 0;
};

}  // namespace xdpgate
