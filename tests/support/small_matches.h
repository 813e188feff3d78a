// SPDX-License-Identifier: GPL-2.0-only
// The words of exhaustive tests: for every match key a few values and their
// negations, chosen at the edges of small_frames().
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace xdpgate::test {

struct SmallMatch {
  std::string key;
  std::string text;  ///< "dst_port: {not: 22}"
};

/// All of them; every key, plain and negated.
[[nodiscard]] const std::vector<SmallMatch>& small_matches();
/// One for each key.
[[nodiscard]] std::vector<SmallMatch> one_match_a_key();
/// Nine that overlap in all ways: for longer combinations.
[[nodiscard]] std::vector<SmallMatch> overlapping_matches();

/// A policy whose rules drop by each of `matches`, over sets that they may
/// name. Throws std::runtime_error where one is refused.
[[nodiscard]] Policy policy_of(const std::vector<SmallMatch>& matches);

}  // namespace xdpgate::test
