// SPDX-License-Identifier: GPL-2.0-only
// The specification: first match over the rules in order, written to be
// obviously right and never to be fast. It reads packets with a dissector of
// its own that shares no code with xdp/parse.h, so that the differential tests
// hold one reading of the contract against another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "policy/filter_state.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// A decision, and the `count` rules that the packet met on the way to it.
struct Evaluation {
  Decision decision;
  std::vector<std::uint32_t> counted;
  /// Rules whose limit the packet was beyond.
  std::vector<std::uint32_t> over = {};
};

/// Judges `packet` (from dissect()) by `policy`, at the time and with the
/// memory of `state`, which it changes as the packet does. Without one, dynamic
/// sets are empty and every packet is within its limit.
[[nodiscard]] Evaluation evaluate(const Policy& policy, const Packet& packet,
                                  FilterState* state = nullptr);

/// What rule `number`, which `packet` matches, makes of it: its action, or
/// what becomes of packets beyond its limit. Limit and ban are carried out in
/// `state`; the limit that was exceeded is noted in `result`.
[[nodiscard]] Action action_of(const Policy& policy, std::uint32_t number,
                               const Packet& packet, FilterState* state,
                               Evaluation& result);

/// Where a `payload` of this base counts its offset from, in bytes of the
/// frame; nothing where the packet has no such place.
[[nodiscard]] std::optional<std::uint32_t> base_of(PayloadBase base,
                                                   const Packet& packet);

/// Whether all that `match` asks for holds for `packet`.
[[nodiscard]] bool matches(const Policy& policy, const Match& match,
                           const Packet& packet,
                           const FilterState* state = nullptr);

}  // namespace xdpgate
