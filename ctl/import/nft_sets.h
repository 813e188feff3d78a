// SPDX-License-Identifier: GPL-2.0-only
// The named sets of nftables.
#pragma once

#include <string>
#include <vector>

#include "import/draft.h"
#include "import/nft_match.h"

namespace xdpgate {

/// Those of one table, as `nft -j` prints them ({"type", "name", "elem"}).
/// Addresses and ports become sets of `draft`; the language has no others, so
/// of interfaces, MACs, protocols and the like the elements stand where a rule
/// asks for them. What is wrong with a set is told by the rules that do.
[[nodiscard]] NftSets read_nft_sets(const std::vector<const NftJson*>& sets,
                                    Draft& draft);

/// Whether elements of a set or a map come and go while the rules stay.
[[nodiscard]] bool comes_and_goes(const NftJson& set);

}  // namespace xdpgate
