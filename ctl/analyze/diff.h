// SPDX-License-Identifier: GPL-2.0-only
// Which packets two policies judge differently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// What a policy does with the packets of one difference.
struct Side {
  std::optional<std::uint32_t> rule;  ///< that decides; none: the default
  xg_verdict verdict = XG_PASS;
  std::string effect;  ///< in full: "action: pass, limit: ..."
};

/// The packets that one rule (or default) decided before and another one does
/// now, with another effect.
struct Difference {
  Side old_side, new_side;
  /// In the words of a match: no packet of the difference lies outside.
  std::string region;
  /// Rules of either policy that decide some of the region first.
  std::vector<std::string> exceptions;
  /// One of the packets, which the evaluator has confirmed.
  std::string packet;
};

struct DiffOptions {
  double seconds = 10;
  std::size_t most = 1000;  ///< differences to look for
};

struct DiffReport {
  std::vector<Difference> differences;
  /// False: the time or `most` ended the search; there may be more.
  bool complete = true;
  bool too_many = false;  ///< it was `most`
  /// Pairs of rules that seem to differ, but of whose packets none could be
  /// built: most often there is none.
  std::size_t unshown = 0;
  /// Changed rules that decide within their limit or beyond it only; what that
  /// changes is not among the differences.
  std::vector<std::string> unjudged;
};

/// Finds them, each pair of deciding rules once. Empty and complete where the
/// policies mean the same, however they are written: names, order, lists and
/// `count` rules do not matter.
[[nodiscard]] DiffReport diff(const Policy& old_policy,
                              const Policy& new_policy,
                              const DiffOptions& options = {});

}  // namespace xdpgate
