// SPDX-License-Identifier: GPL-2.0-only
// The words of one iptables rule as match keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/draft.h"
#include "policy/policy.h"

namespace xdpgate {

/// The words of a line: blanks divide them but inside of double quotes.
[[nodiscard]] std::vector<std::string> shell_words(std::string_view line);

/// What is left of a rule once its conditions are keys.
struct IptablesRule {
  DraftRule draft;
  std::string target;  ///< behind -j or -g; empty: none
  bool is_goto = false;
  std::vector<std::string> target_options;
};

/// Reads the words behind `-A CHAIN` into `rule`; says why where something
/// cannot be said.
[[nodiscard]] std::optional<std::string> read_iptables_rule(
    const std::vector<std::string>& words, Family family, IptablesRule& rule);

}  // namespace xdpgate
