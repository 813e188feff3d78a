// SPDX-License-Identifier: GPL-2.0-only
#include "policy/filter_state.h"

#include <xdpgate/abi.h>

#include <algorithm>

#include "policy/limit.h"

namespace xdpgate {
namespace {

// A ban is renewed once so large a part of its time is over.
constexpr std::uint64_t kRenewedAfter = 16;

int family_number(Family family) { return family == Family::kIpv4 ? 4 : 6; }

U128 leading(const Address& address, const Limit& limit) {
  const bool v4 = address.family == Family::kIpv4;
  const unsigned bits = v4 ? limit.ipv4_bits : limit.ipv6_bits;
  const unsigned open = (v4 ? 32 : 128) - bits;
  return open == 128 ? 0 : address.value >> open << open;
}

}  // namespace

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

bool FilterState::take(std::uint32_t rule, const Packet& packet) {
  const Limit& limit = *policy_.rules[rule].limit;
  Key key = {rule, 0, 0};
  const auto& address = limit.per == LimitPer::kSrc ? packet.src : packet.dst;
  if (limit.per != LimitPer::kRule && address) {
    key = {rule, family_number(address->family), leading(*address, limit)};
  }
  const U128 now = U128{now_ns_} * XG_LIMIT_UNITS;
  const U128 cost =
      U128{limit_cost(limit)} * (limit.bytes ? packet.bytes.size() : 1);
  U128& full = full_[key];
  const U128 next = std::max(full, now) + cost;
  if (next > now + limit_depth(limit)) return false;
  full = next;
  return true;
}

bool FilterState::has_room(std::uint32_t set) const {
  const auto lives = [&](const Element& e) {
    return e.expires_ns == XG_NEVER || e.expires_ns > now_ns_;
  };
  return std::ranges::count_if(sets_[set], lives) <
         policy_.address_sets[set].dynamic->size;
}

void FilterState::ban(const Ban& ban, const Address& source) {
  const AddressRange host = {source.family, source.value, source.value};
  const std::uint64_t until = now_ns_ + ban.for_ns;
  bool is_there = false;
  for (const Element& e : sets_[ban.set]) {
    if (!(e.range == host)) continue;
    is_there = true;
    const bool young = e.expires_ns == XG_NEVER ||
                       e.expires_ns + ban.for_ns / kRenewedAfter >= until;
    if (young) return;
  }
  if (is_there || has_room(ban.set)) add(ban.set, host, until);
}

}  // namespace xdpgate
