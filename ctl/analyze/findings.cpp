// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xdpgate {
namespace {

// More names would not be read; JSON has all.
constexpr std::size_t kMostNames = 5;

// "`a`, `b` and `c`"; "`a`, `b` and 7 more".
std::string name_list(const std::vector<std::string>& names) {
  const std::size_t shown =
      names.size() <= kMostNames ? names.size() : kMostNames - 1;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size();
    if (i > 0) text += last ? " and " : ", ";
    text += "`" + names[i] + "`";
  }
  if (shown == names.size()) return text;
  return text + fmt::format(" and {} more", names.size() - shown);
}

std::vector<std::string> names_of(const std::vector<std::uint32_t>& rules,
                                  const Policy& policy) {
  std::vector<std::string> names;
  for (std::uint32_t rule : rules) names.push_back(policy.rules[rule].name);
  return names;
}

void describe_shadow(const std::string& others, bool one, Diagnostic& d) {
  d.kind = "shadowed";
  d.message += fmt::format(" can never match: {} before it {} all its packets",
                           others, one ? "takes" : "take");
  d.hint = fmt::format("leave it out, or move it up before {}",
                       one ? "that rule" : "those rules");
}

// `d.rules` are the other rules; the rule itself becomes the first.
void describe_finding(LintKind kind, Diagnostic& d) {
  const std::string others = name_list(d.rules);
  const bool one = d.rules.size() == 1;
  switch (kind) {
    case LintKind::kImpossible:
      d.kind = "shadowed";
      d.message += " can never match: no packet has all that it asks for";
      d.hint = "look for keys that exclude each other";
      return;
    case LintKind::kShadowed:
      return describe_shadow(others, one, d);
    case LintKind::kDuplicate:
      d.kind = "duplicate";
      d.message +=
          fmt::format(" asks for the same packets as {} before it", others);
      d.hint = "leave one of them out";
      return;
    case LintKind::kPartly:
      d.severity = Severity::kNote;
      d.kind = "partly";
      d.message += fmt::format(
          " does not see all that it asks for: {} before it {} some of it",
          others, one ? "takes" : "take");
      return;
  }
}

}  // namespace

void add_findings(const std::vector<LintFinding>& findings,
                  const Policy& policy, const std::string& path,
                  Diagnostics& diagnostics) {
  for (const LintFinding& finding : findings) {
    const std::string& name = policy.rules[finding.rule].name;
    Diagnostic d;
    d.severity = Severity::kWarning;
    d.file = path;
    d.at = policy.places.rules[finding.rule];
    d.message = fmt::format("the rule `{}`", name);
    d.rules = names_of(finding.others, policy);
    d.witness = finding.witness;
    describe_finding(finding.kind, d);
    d.rules.insert(d.rules.begin(), name);
    diagnostics.add(std::move(d));
  }
}

void add_lockouts(const std::vector<Lockout>& lockouts, const Policy& policy,
                  const std::string& path, Diagnostics& diagnostics) {
  for (const Lockout& lockout : lockouts) {
    Diagnostic d;
    d.severity = Severity::kWarning;
    d.file = path;
    const bool at_rule = lockout.of_session && lockout.rule;
    d.at = at_rule ? policy.places.rules[*lockout.rule]
                   : policy.places.default_action;
    d.kind = "lockout";
    d.message = lockout.message;
    d.hint = lockout.hint;
    d.witness = lockout.witness;
    if (lockout.rule) d.rules = {policy.rules[*lockout.rule].name};
    diagnostics.add(std::move(d));
  }
}

}  // namespace xdpgate
