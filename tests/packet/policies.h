// SPDX-License-Identifier: GPL-2.0-only
// Policies from text, for tests that need a sound one.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "policy/load.h"

namespace xdpgate::test {

/// The policy of `text`; throws std::runtime_error with the first error.
inline Policy policy_of(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "policy", diagnostics);
  if (policy) return std::move(*policy);
  throw std::runtime_error(diagnostics.sorted().at(0).text() + "\n" + text);
}

}  // namespace xdpgate::test
