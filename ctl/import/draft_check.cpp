// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <string>

#include "import/draft.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

// The lines of `policy` at which rules begin, in order.
std::vector<int> rule_lines(const std::string& policy) {
  std::vector<int> lines;
  std::size_t at = 0;
  for (int number = 1; at < policy.size(); ++number) {
    if (policy.compare(at, 10, "  - name: ") == 0) lines.push_back(number);
    at = std::min(policy.find('\n', at), policy.size() - 1) + 1;
  }
  return lines;
}

// What is wrong with which rule of `policy`, the first error of each.
std::map<std::size_t, std::string> refused_rules(const std::string& policy) {
  std::map<std::size_t, std::string> refused;
  Diagnostics diagnostics;
  if (parse_policy(policy, "(imported)", diagnostics)) return refused;
  const auto lines = rule_lines(policy);
  for (const Diagnostic& d : diagnostics.sorted()) {
    const auto next = std::ranges::upper_bound(lines, d.at.line);
    if (d.severity != Severity::kError || next == lines.begin()) continue;
    refused.emplace(next - lines.begin() - 1, d.message);
  }
  return refused;
}

std::string keys_text(const DraftRule& rule) {
  std::string text;
  for (const auto& [key, value] : rule.keys) {
    text += (text.empty() ? "" : ", ") + key + ": " + value;
  }
  return text;
}

}  // namespace

void Draft::leave_out_refused() {
  // Without them there may be others: some errors hide the next.
  for (;;) {
    const auto refused = refused_rules(yaml());
    if (refused.empty()) return;  // or nothing that leaving out could mend
    for (const auto& [number, why] : refused) {
      const DraftRule& rule = rules[number];
      leave_out(rule.where.empty() ? rule.name : rule.where, keys_text(rule),
                why);
    }
    for (const auto& [number, why] : std::views::reverse(refused)) {
      rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(number));
    }
  }
}

}  // namespace xdpgate
