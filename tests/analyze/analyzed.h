// SPDX-License-Identifier: GPL-2.0-only
// Policies from text, and the evaluator as a decider. For this folder.
#pragma once

#include <stdexcept>
#include <string>

#include "packet/trace.h"
#include "policy/evaluate.h"
#include "policy/load.h"

namespace xdpgate::test {

/// The policy `text`; throws where it has errors.
inline Policy policy_in(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "p.yaml", diagnostics);
  if (!policy) throw std::runtime_error(diagnostics.sorted()[0].text());
  return std::move(*policy);
}

/// The evaluator's word on `policy`, which must outlive it.
inline DecidingRule decider(const Policy& policy) {
  return
      [&](std::span<const std::uint8_t> frame, const std::string& interface) {
        return evaluate(policy, dissect(frame, interface)).decision.rule;
      };
}

}  // namespace xdpgate::test
