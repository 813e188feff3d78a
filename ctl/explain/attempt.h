// SPDX-License-Identifier: GPL-2.0-only
// The rules that a packet met, and how near each came to matching it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/filter_state.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// One rule against one packet.
struct Attempt {
  std::uint32_t rule = 0;   ///< index in Policy::rules
  std::uint32_t asked = 0;  ///< keys of its match
  std::uint32_t held = 0;   ///< keys that hold
  std::string_view failed = {};  ///< the first key that does not; empty: a match
  /// Of a match: what the rule made of the packet, and whether that is since
  /// the packet was beyond the rule's limit.
  Action action = Action::kCount;
  bool is_over = false;
  [[nodiscard]] bool matched() const { return failed.empty(); }
};

/// The rules that `packet` met, in order: up to the one that decided, or all
/// where none did. None where the packet's class decided. `state` is what
/// dynamic sets hold and limits have left; without it they are as at first.
[[nodiscard]] std::vector<Attempt> attempts(
    const Policy& policy, const Packet& packet,
    const FilterState* state = nullptr);

/// Of `all` those that matched, and as many others as make `count` together:
/// those of which most keys held, then those with fewest that did not. In the
/// order of the rules.
[[nodiscard]] std::vector<Attempt> closest(std::vector<Attempt> all,
                                           std::size_t count);

/// What the rule asks for by the key that failed, in the policy's words
/// ("[80, 443]"), with the middle left out where it is long; and what the
/// packet has there.
struct Contrast {
  std::string asked;
  std::string found;
};
[[nodiscard]] Contrast contrast(const Policy& policy, const Attempt& attempt,
                                const Packet& packet);

}  // namespace xdpgate
