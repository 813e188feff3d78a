// SPDX-License-Identifier: GPL-2.0-only
// A match taken apart into its keys, so that each can be asked for by itself.
// The evaluator judges the parts: what a key means is said there and nowhere
// else.
#pragma once

#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace xdpgate {

/// One key of a match: a match that asks for this key only.
struct KeyPart {
  std::string_view key;  ///< as written in a policy: "dst_port"
  Match alone;
};

/// The keys that `match` asks for, in the order of the documentation. A packet
/// matches it exactly where it matches every part.
[[nodiscard]] std::vector<KeyPart> key_parts(const Match& match);

/// The names of all keys, in that order.
[[nodiscard]] std::vector<std::string_view> part_names();

}  // namespace xdpgate
