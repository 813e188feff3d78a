// SPDX-License-Identifier: GPL-2.0-only
// One policy in the evaluator and in the native engine, at a clock that stands
// still. A difference ends the process: that is how a fuzzer sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/engine.h"
#include "policy/filter_state.h"
#include "policy/policy.h"

namespace xdpgate::fuzz {

class TwoEngines {
 public:
  /// Null where no image holds the policy.
  [[nodiscard]] static std::unique_ptr<TwoEngines> make(Policy policy);
  TwoEngines(const TwoEngines&) = delete;
  TwoEngines& operator=(const TwoEngines&) = delete;

  /// Judges `frame`, which came in by `interface`, by both. Where they differ
  /// both verdicts, the policy and the frame are printed and abort() is called.
  void judge(std::span<const std::uint8_t> frame, const std::string& interface);

 private:
  explicit TwoEngines(Policy policy) : policy_(std::move(policy)) {}

  const Policy policy_;
  FilterState state_{policy_};
  std::unique_ptr<Engine> native_;
};

}  // namespace xdpgate::fuzz
