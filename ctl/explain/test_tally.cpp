// SPDX-License-Identifier: GPL-2.0-only
#include "explain/test_tally.h"

#include <fmt/format.h>

#include "explain/answer.h"

namespace xdpgate {

std::string TestTally::rule_name(const Decision& decision) const {
  return decision.rule ? policy_.rules[*decision.rule].name : std::string();
}

bool TestTally::add(const Decision& decision) {
  ++packets_;
  ++verdicts_[decision.verdict];
  const bool other_verdict =
      test_.verdict && *test_.verdict != decision.verdict;
  const bool other_rule = test_.rule && *test_.rule != rule_name(decision);
  other_verdicts_ += other_verdict;
  by_other_rules_ += other_rule;
  const bool is_other = other_verdict || other_rule;
  if (is_other && !has_other_) {
    first_other_ = decision;
    has_other_ = true;
  }
  return is_other;
}

std::vector<std::string> TestTally::failures(
    const std::vector<xg_counter>& after) const {
  std::vector<std::string> failures;
  check_each(failures);
  check_counts(failures);
  check_rules(after, failures);
  return failures;
}

void TestTally::check_each(std::vector<std::string>& failures) const {
  if (!has_other_) return;
  std::string expected;
  if (other_verdicts_ > 0) expected = verdict_name(*test_.verdict);
  if (by_other_rules_ > 0) {
    expected += expected.empty() ? "" : " ";
    expected +=
        test_.rule->empty() ? "by no rule" : "by rule `" + *test_.rule + "`";
  }
  std::string what = outcome_text(policy_, {first_other_, {}});
  if (packets_ > 1) {
    what = fmt::format("{} of {} packets were judged otherwise, first: {}",
                       std::max(other_verdicts_, by_other_rules_), packets_,
                       what);
  }
  failures.push_back(fmt::format("{}; expected {}", what, expected));
}

void TestTally::check_counts(std::vector<std::string>& failures) const {
  for (const auto& [verdict, count] : test_.verdicts) {
    if (verdicts_[verdict] == count) continue;
    failures.push_back(fmt::format("{} of {} packets: {}; expected {}",
                                   verdicts_[verdict], packets_,
                                   verdict_name(verdict), count));
  }
}

void TestTally::check_rules(const std::vector<xg_counter>& after,
                            std::vector<std::string>& failures) const {
  if (test_.rules.empty()) return;
  for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
    const std::string& name = policy_.rules[i].name;
    const auto expected = test_.rules.find(name);
    if (expected == test_.rules.end()) continue;
    const std::size_t slot = XG_SLOT_RULE + i;
    const auto counted = after[slot].packets - before_[slot].packets;
    if (counted == expected->second) continue;
    failures.push_back(fmt::format("rule `{}` counted {}; expected {}", name,
                                   counted, expected->second));
  }
}

}  // namespace xdpgate
