// SPDX-License-Identifier: GPL-2.0-only
// What the dynamic sets of a running instance hold of one packet's addresses,
// for a copy of the instance that is asked about that packet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/set_map.h"
#include "engine/engine.h"
#include "policy/filter_state.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// The dynamic sets as they were at one moment, as far as a packet can tell.
struct LiveSets {
  struct Element {
    std::string set;
    std::uint32_t number = 0;  ///< of the set in the image
    TimedElement timed;
  };
  std::uint64_t now_ns = 0;  ///< that moment, CLOCK_BOOTTIME
  std::vector<Element> elements;
};

/// Reads the sets of `image`, which `instance` runs: the elements that hold the
/// source or the destination of `packet`.
[[nodiscard]] Result<LiveSets> live_sets(const std::string& instance,
                                         const Image& image,
                                         const Packet& packet);

/// Gives an engine that runs the image the same elements and the same time.
[[nodiscard]] Result<void> fill(Engine& engine, const LiveSets& live);
/// The same for the evaluator.
[[nodiscard]] FilterState state_of(const Policy& policy, const LiveSets& live);

}  // namespace xdpgate
