// SPDX-License-Identifier: GPL-2.0-only
// Policies made by dice, as text. They use every key of the language and draw
// their values from the same small pools as RandomPackets, so that packets
// meet rules often, at the edges of ranges and prefixes most of all.
#pragma once

#include <cstdint>
#include <string>

namespace xdpgate::test {

/// The policy of a seed: sound, 1 to 400 rules, mostly few. Its interfaces are
/// i0 to i2.
[[nodiscard]] std::string random_policy_text(std::uint64_t seed);

}  // namespace xdpgate::test
