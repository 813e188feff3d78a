// SPDX-License-Identifier: GPL-2.0-only
// One policy in the evaluator, the native engine and the kernel's program, and
// the question whether they agree.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compile/image.h"
#include "engine/engine.h"
#include "policy/evaluate.h"
#include "policy/packet.h"
#include "policy/policy.h"
#include "tests/support/frame_bytes.h"

namespace xdpgate::test {

/// Where the third engine comes from.
enum class Kernel {
  kNone,    ///< evaluator and native engine only
  kLoaded,  ///< a program loaded for the policy, as `apply` does
  kShared,  ///< shared_kernel(); loaded where the policy is too large for it
};

class ThreeEngines {
 public:
  /// Checks and compiles `text`; throws std::runtime_error where that fails.
  /// With Kernel::kShared only the object made last may be used.
  ThreeEngines(std::string text, Kernel kernel);
  /// The same of a checked policy.
  ThreeEngines(Policy policy, Kernel kernel);

  /// Judges a frame by all. Empty where they agree; else who says what, with
  /// the frame in hexadecimal.
  [[nodiscard]] std::string judge(const Bytes& frame,
                                  const std::string& interface);
  /// The same of a frame that has been read already.
  [[nodiscard]] std::string judge(const Packet& packet);
  /// Sets the clock of all, in ns; and what their dynamic sets hold, by name.
  void set_clock(std::uint64_t now_ns);
  void add(const std::string& set, const std::string& element,
           std::uint64_t expires_ns);
  void remove(const std::string& set, const std::string& element);
  /// What the evaluator made of the frame judged last.
  [[nodiscard]] const Evaluation& last() const { return truth_; }
  /// Empty where the counters of all agree after all that was judged.
  [[nodiscard]] std::string compare_counters();

  [[nodiscard]] const Policy& policy() const { return policy_; }
  /// What the compiler made of it.
  [[nodiscard]] const xg_header& header() const { return header_; }
  /// The policy, for a report of a difference.
  [[nodiscard]] const std::string& text() const { return policy_.source; }

 private:
  std::uint32_t ifindex_of(const std::string& interface);
  void add_kernel(const Image& image, Kernel kernel);
  void count(std::uint32_t slot, std::size_t bytes);
  void count(std::size_t bytes);
  [[nodiscard]] std::uint32_t set_named(const std::string& name) const;

  Policy policy_;
  FilterState state_;
  xg_header header_{};
  std::map<std::string, std::uint32_t> ifindexes_;
  Evaluation truth_;
  std::unique_ptr<Engine> native_, loaded_;
  Engine* kernel_ = nullptr;          // loaded_, the shared one, or none
  std::vector<xg_counter> expected_;  // the evaluator's
  std::map<std::uint32_t, xg_counter> over_;  // its too, by rule
};

}  // namespace xdpgate::test
