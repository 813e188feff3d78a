// SPDX-License-Identifier: GPL-2.0-only
// Addresses and MACs for the packet sampler: inside a rule's list, outside a
// negated one, or plausible ones where nobody asks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "packet/bits.h"
#include "policy/policy.h"

namespace xdpgate {

/// What lies in none of the prefixes and sets of a negated AddressMatch. Made
/// only where guessing fails: it is as large as the sets.
struct Outside {
  IntervalSet<std::uint32_t> v4;
  IntervalSet<U128> v6;
};

/// An address of `family` for `asked` (null: any) that agrees with `bits`;
/// empty only where there is none. Intervals of the match are drawn evenly,
/// and not copied. `outside` keeps what had to be worked out, for the next
/// time.
[[nodiscard]] std::optional<U128> draw_address(
    const Policy& policy, const AddressMatch* asked, Family family,
    Bits<U128> bits, std::unique_ptr<Outside>& outside, Dice& dice);

/// Whether `match` can hold for any address of `family`; quick, so that a
/// negated match of everything passes.
[[nodiscard]] bool may_hold(const Policy& policy, const AddressMatch& match,
                            Family family);

/// An address as hosts on the Internet have them.
[[nodiscard]] U128 plausible_address(Family family, Dice& dice);

/// A MAC for `asked` (null: `usual`) that agrees with `bits`; empty only where
/// there is none.
[[nodiscard]] std::optional<std::uint64_t> draw_mac(const MacMatch* asked,
                                                    std::uint64_t usual,
                                                    Bits<std::uint64_t> bits,
                                                    Dice& dice);

}  // namespace xdpgate
