// SPDX-License-Identifier: GPL-2.0-only
// One policy in the evaluator, the native engine and the kernel's program, and
// the question whether they agree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "policy/evaluate.h"
#include "policy/policy.h"
#include "tests/support/frame_bytes.h"

namespace xdpgate::test {

class ThreeEngines {
 public:
  /// Checks and compiles `text`; throws std::runtime_error where that fails.
  /// Without `kernel` it is left out.
  ThreeEngines(std::string text, bool kernel);

  /// Judges a frame by all. Empty where they agree; else who says what, with
  /// the frame in hexadecimal.
  [[nodiscard]] std::string judge(const Bytes& frame,
                                  const std::string& interface);
  /// What the evaluator made of the frame judged last.
  [[nodiscard]] const Evaluation& last() const { return truth_; }
  /// Empty where the counters of all agree after all that was judged.
  [[nodiscard]] std::string compare_counters();

  [[nodiscard]] const Policy& policy() const { return policy_; }
  /// The policy, for a report of a difference.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void count(std::uint32_t slot, std::size_t bytes);

  std::string text_;
  Policy policy_;
  Evaluation truth_;
  std::unique_ptr<Engine> native_, kernel_;  // kernel_ may be null
  std::vector<xg_counter> expected_;         // the evaluator's
};

}  // namespace xdpgate::test
