// SPDX-License-Identifier: GPL-2.0-only
// A capture through a policy of the tree, and what came of it in words.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pcap/capture.h"
#include "policy/policy.h"

namespace xdpgate::test {

enum class EngineChoice : std::uint8_t { kNative, kKernel };

/// The frames of a capture in the source tree; throws std::runtime_error.
[[nodiscard]] std::vector<Frame> frames_of(const std::string& capture);

/// A policy of the source tree; throws std::runtime_error with the first
/// finding, a warning too.
[[nodiscard]] Policy clean_policy(const std::string& path);

/// What became of a capture's frames.
struct ReplayCounts {
  std::string verdicts;  ///< "pass 3, drop 12", those that are not 0
  std::string counters;  ///< "arp 1, default 2, tcp-short 1", likewise
};

/// Judges all frames of `capture` by `policy`, as if they had come in by
/// `interface` (empty: one that no policy names).
[[nodiscard]] ReplayCounts replay(const Policy& policy,
                                  const std::vector<Frame>& frames,
                                  const std::string& interface,
                                  EngineChoice choice);

}  // namespace xdpgate::test
