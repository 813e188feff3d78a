// SPDX-License-Identifier: GPL-2.0-only
// The `rules:` and `tests:` sections.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/check_context.h"
#include "policy/check_sets.h"
#include "policy/policy.h"
#include "policy/policy_test.h"

namespace xdpgate {

/// Rule names of a file, to the key that first gave them.
using RuleNames = std::unordered_map<std::string_view, const Node*>;

/// Reads the value of `rules:`. Rules with errors are left out, their names
/// kept.
[[nodiscard]] std::vector<Rule> read_rules(Context& context, SetTable& sets,
                                           const Node& node, RuleNames& names);

/// Reads the value of `tests:`. The rules and sets they name are there; packets
/// in words are not looked into. Tests with errors are among them.
[[nodiscard]] std::vector<PolicyTest> read_tests(Context& context,
                                                 SetTable& sets,
                                                 const Node& node,
                                                 const RuleNames& names);

}  // namespace xdpgate
