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

/// How a chain sees frames: without VLAN tags, or with them, in one of two
/// families that differ in what they take for granted.
enum class NftFrames { kUntagged, kNetdev, kBridge };

/// What the matches of one rule may refer to, and which headers those before
/// have looked at: nft adds conditions on the headers below, and does not list
/// them.
struct NftScope {
  const NftSets& sets;
  NftFrames frames = NftFrames::kUntagged;
  bool link = false;     ///< Ethernet addresses were asked for
  bool network = false;  ///< it is known what follows the Ethernet header
  bool upper = false;    ///< `meta l4proto` was asked for
};

/// Adds what `match` ({"op", "left", "right"}) asks for to `rule`; says why
/// where that cannot be said.
[[nodiscard]] std::optional<std::string> add_nft_match(const NftJson& match,
                                                       NftScope& scope,
                                                       DraftRule& rule);

/// A value of a set for the match key `key`, as YAML: an address, a prefix, a
/// range, a name; what is wrong with it where it is none of them.
[[nodiscard]] Parsed<std::string> nft_value(const NftJson& value,
                                            std::string_view key);

}  // namespace xdpgate
