// SPDX-License-Identifier: GPL-2.0-only
// What the evaluator and the engines say of one packet, to be compared: the
// policy as it is meant, as it was compiled, and as the kernel runs it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "policy/decision.h"
#include "policy/evaluate.h"
#include "policy/filter_state.h"
#include "policy/packet.h"

namespace xdpgate {

/// One of those asked, and its answer.
struct Answer {
  std::string by;  ///< "evaluator", "image", "kernel"
  /// Not set where it was not asked.
  std::optional<Evaluation> says;
  std::string why_not;  ///< why it was not asked
};

/// The evaluator's, with the memory of `state`.
[[nodiscard]] Answer answer_of(const Policy& policy, const Packet& packet,
                               FilterState* state = nullptr);

/// An engine's that has judged nothing yet: its counters tell which `count`
/// rules the packet met.
[[nodiscard]] Result<Answer> answer_of(const std::string& by, Engine& engine,
                                       std::span<const std::uint8_t> frame,
                                       std::uint32_t ifindex);

/// "drop by rule `x`", "pass by default", "drop as ipv4-short", and the rules
/// that counted it.
[[nodiscard]] std::string outcome_text(const Policy& policy,
                                       const Evaluation& says);

/// The first that was given; one must be.
[[nodiscard]] const Evaluation& first_given(const std::vector<Answer>& answers);

/// Whether all that were asked say the same.
[[nodiscard]] bool agree(const std::vector<Answer>& answers);

}  // namespace xdpgate
