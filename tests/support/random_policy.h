// SPDX-License-Identifier: GPL-2.0-only
// Policies made by dice, as text. They use every key of the language and every
// kind of value, and now and then a shape that is hard on the classifier.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xdpgate::test {

/// One key of a rule: `value` is what stands behind the key, without `not`.
struct KeyUse {
  std::string key;
  std::string value;
  bool negated = false;
};

struct RandomRule {
  std::string text;  ///< one line of YAML
  std::vector<KeyUse> keys;
};

struct RandomPolicy {
  std::string head;  ///< all before the rules
  std::vector<RandomRule> rules;

  /// The policy file.
  [[nodiscard]] std::string text() const;
};

/// The policy of a seed: sound, 1 to 700 rules, mostly few. Its interfaces are
/// i0 to i2.
[[nodiscard]] RandomPolicy random_policy(std::uint64_t seed);
/// Its text alone.
[[nodiscard]] inline std::string random_policy_text(std::uint64_t seed) {
  return random_policy(seed).text();
}

}  // namespace xdpgate::test
