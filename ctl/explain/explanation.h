// SPDX-License-Identifier: GPL-2.0-only
// Everything that can be said about one packet under one policy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "explain/answer.h"
#include "explain/attempt.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// A packet, what the rules made of it, and what became of it. Look at it only
/// as long as the frame lives.
struct Explanation {
  Packet packet;
  std::vector<Attempt> tried;   ///< all rules that it met
  std::vector<Answer> answers;  ///< the evaluator's first
};

/// Reads and judges `frame`, which came in by `interface`, by the evaluator
/// with the memory of `state`, which changes as by the packet. Answers of
/// engines are the caller's to add.
[[nodiscard]] Explanation explain(const Policy& policy,
                                  std::span<const std::uint8_t> frame,
                                  const std::string& interface,
                                  FilterState* state = nullptr);

/// The same where the policy is not at hand: nothing is known of the rules
/// tried. `why` is why the evaluator was not asked.
[[nodiscard]] Explanation unexplained(std::span<const std::uint8_t> frame,
                                      const std::string& interface,
                                      const std::string& why);

/// The packet in words, also one that is too short for words.
[[nodiscard]] std::string frame_text(const Packet& packet);

/// The packet's fields as a table: name, value, offset.
[[nodiscard]] std::string fields_text(const Packet& packet);

/// The rules that came closest, at most `count` beside those that matched, as
/// a table: the first key that failed, what it asks for, what the packet has.
[[nodiscard]] std::string tried_text(const Policy& policy,
                                     const Explanation& explanation,
                                     std::size_t count);

/// A line for each that was asked: what it says, or why it was not asked.
[[nodiscard]] std::string answers_text(const Policy& policy,
                                       const Explanation& explanation);

}  // namespace xdpgate
