// SPDX-License-Identifier: GPL-2.0-only
// What two rules have in common and others leave of it, in the words of a
// match.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace xdpgate {

/// Packets that `match` holds for and all of `also` do.
struct DiffRegion {
  Match match;  ///< names no sets, unless they are dynamic
  /// Conditions that one match cannot ask for beside its own.
  std::vector<std::string> also;
};

/// All that `match` asks of packets, with the elements of its sets.
[[nodiscard]] DiffRegion region_of(const Match& match, const Policy& policy);

/// What is in `region` and satisfies `match` of `policy`.
void restrict_to(DiffRegion& region, const Match& match, const Policy& policy);

/// Takes the packets of `match` off where one key can say what is left; false
/// where none can, and the region is as it was.
[[nodiscard]] bool take_off(DiffRegion& region, const Match& match,
                            const Policy& policy);

/// The region in words; a list that is a set of one of the policies by the
/// set's name, and of a longer list than `most_items` the first ones.
[[nodiscard]] std::string region_text(
    const DiffRegion& region, const std::vector<const Policy*>& policies,
    std::size_t most_items);

}  // namespace xdpgate
