// SPDX-License-Identifier: GPL-2.0-only
// Rules that can never match, and rules that repeat another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "packet/trace.h"
#include "policy/policy.h"

namespace xdpgate {

enum class LintKind : std::uint8_t {
  kImpossible,  ///< no packet has all that the rule asks for
  kShadowed,    ///< rules before it decide all its packets
  kDuplicate,   ///< of an equal rule before it
  kPartly,      ///< a note: a rule before it, of another action, takes a part
};

/// What is said of one rule.
struct LintFinding {
  LintKind kind = LintKind::kShadowed;
  std::uint32_t rule = 0;
  /// In order, the rules that take its packets, or that it repeats.
  std::vector<std::uint32_t> others;
  /// A packet of the rule that a rule before it decides, one of `others` if
  /// can be, which the evaluator has confirmed; empty where there is none to
  /// show.
  std::string witness;
};

struct LintOptions {
  double seconds = 10;  ///< about how long to look
  bool notes = false;   ///< kPartly, too
};

struct LintReport {
  std::vector<LintFinding> findings;  ///< in the order of the rules
  std::size_t settled = 0;            ///< rules of which all is known
  /// The time ended before all were settled. Of rules that are not settled
  /// otherwise no packet could be built of what seems to be left for them.
  bool out_of_time = false;
};

/// Looks for them. Never a false alarm: each finding is proved over all fields
/// of a packet, and packets of the rule were run through the evaluator.
/// `decide` says quickly which rule decides a frame, to see at once that most
/// rules are fine.
[[nodiscard]] LintReport lint(const Policy& policy, const DecidingRule& decide,
                              const LintOptions& options = {});

}  // namespace xdpgate
