// SPDX-License-Identifier: GPL-2.0-only
// A checked match, key by key: which keys ask for something, and the match
// with one of them alone or without it.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace xdpgate::test {

/// The names of all match keys.
[[nodiscard]] const std::vector<std::string>& all_keys();
/// `match` asked for `key` only.
[[nodiscard]] Match only(const Match& match, const std::string& key);
/// `match` without what `key` asks for.
[[nodiscard]] Match without(const Match& match, const std::string& key);

}  // namespace xdpgate::test
