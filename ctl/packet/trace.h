// SPDX-License-Identifier: GPL-2.0-only
// Frames to measure and to try a policy with: packets that its rules decide,
// packets that none does, or both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "packet/locality.h"
#include "policy/policy.h"

namespace xdpgate {

enum class TraceKind : std::uint8_t {
  kHit,   ///< a rule decides: pass, drop, ...
  kMiss,  ///< no rule decides, so the default does
  kMix,   ///< half and half, without pattern
};

struct TraceOptions {
  TraceKind kind = TraceKind::kMix;
  std::size_t packets = 100'000;
  std::uint64_t seed = 1;  ///< equal seeds and policies, equal traces
  Locality locality = Locality::kEven;
};

struct TraceFrame {
  std::vector<std::uint8_t> bytes;
  std::string interface;              ///< ingress
  std::optional<std::uint32_t> rule;  ///< that decides; none: the default
};

struct Trace {
  std::vector<TraceFrame> frames;
  std::size_t hits = 0, misses = 0;  ///< of the frames
  std::size_t different = 0;         ///< frames that are not copies
  /// In what the trace falls short of what was asked, in one line; or empty.
  std::string shortfall;
};

/// The rule that decides a frame, or nothing where the default does: the
/// native engine's word, or the evaluator's.
using DecidingRule = std::function<std::optional<std::uint32_t>(
    std::span<const std::uint8_t> frame, const std::string& interface)>;

/// Makes a trace for `policy`. Hits are drawn for one rule after the other (see
/// Locality), at corners of what it allows and inside; an earlier rule may be
/// the one that decides. Misses are packets near the rules and packets of
/// their families anywhere. Frames differ from each other, but for the bursts
/// of Locality::kRealistic. Where a policy has no hits or no misses the other
/// kind takes the place in a mix; where it has too few different ones they
/// come again; `shortfall` says so.
[[nodiscard]] Trace make_trace(const Policy& policy,
                               const DecidingRule& deciding_rule,
                               const TraceOptions& options);

}  // namespace xdpgate
