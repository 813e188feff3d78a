// SPDX-License-Identifier: GPL-2.0-only
// One expression of an nftables rule as match keys.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/text.h"
#include "import/draft.h"

namespace xdpgate {

using NftJson = nlohmann::ordered_json;

/// Named sets by name: how a rule refers to them ("\"@web\""), or what is
/// wrong with them.
using NftSets = std::map<std::string, Parsed<std::string>>;

/// Adds what `match` ({"op", "left", "right"}) asks for to `rule`; says why
/// where that cannot be said.
[[nodiscard]] std::optional<std::string> add_nft_match(const NftJson& match,
                                                       const NftSets& sets,
                                                       DraftRule& rule);

/// A value of a set or a match, as YAML: an address, a prefix, a range; what
/// is wrong with it where it is none of them.
[[nodiscard]] Parsed<std::string> nft_value(const NftJson& value);

}  // namespace xdpgate
