// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <optional>
#include <string>

#include "import/draft.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

// The rule that line number `line` of `policy` belongs to; nothing where it is
// none's.
std::optional<std::size_t> rule_at(const std::string& policy, int line) {
  std::optional<std::size_t> rule;
  std::size_t at = 0;
  for (int number = 1; number <= line && at < policy.size(); ++number) {
    if (policy.compare(at, 10, "  - name: ") == 0) {
      rule = rule ? *rule + 1 : 0;
    }
    at = std::min(policy.find('\n', at), policy.size() - 1) + 1;
  }
  return rule;
}

}  // namespace

void Draft::leave_out_refused() {
  for (;;) {
    const std::string policy = yaml();
    Diagnostics diagnostics;
    if (parse_policy(policy, "(imported)", diagnostics)) return;
    const auto findings = diagnostics.sorted();
    const auto error =
        std::ranges::find(findings, Severity::kError, &Diagnostic::severity);
    const auto rule = rule_at(policy, error->at.line);
    if (!rule) return;  // nothing that leaving out a rule could mend
    const auto place = rules.begin() + static_cast<std::ptrdiff_t>(*rule);
    std::string keys;
    for (const auto& [key, value] : place->keys) {
      keys += (keys.empty() ? "" : ", ") + key + ": " + value;
    }
    leave_out(place->name, keys, error->message);
    rules.erase(place);
  }
}

}  // namespace xdpgate
