// SPDX-License-Identifier: GPL-2.0-only
// What lint and the search for lockouts say, as tables in cases/.
#include <gtest/gtest.h>

#include <algorithm>

#include "analyze/findings.h"
#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "policy/evaluate.h"
#include "policy/load.h"
#include "policy/names_address.h"
#include "tests/analyze/analyzed.h"
#include "tests/support/case_file.h"

namespace xdpgate::test {
namespace {

std::string name_of(const testing::TestParamInfo<FileCase>& info) {
  return info.param.name;
}

auto cases(const std::string& file) {
  return testing::ValuesIn(read_cases("analyze/cases/" + file));
}

std::string text_of(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics.sorted()) text += d.text() + "\n";
  return text;
}

// Whether the witness, read back from its text, is a packet of the rule that
// one of the others decides, or counts with it.
bool shows(const LintFinding& finding, const Policy& policy) {
  if (finding.kind == LintKind::kImpossible) return finding.witness.empty();
  const auto spec = parse_packet_text(finding.witness);
  if (!spec) return false;
  // A packet cannot say what is in the sets.
  if (std::ranges::any_of(policy.address_sets, [](const auto& set) {
        return set.dynamic.has_value();
      })) {
    return true;
  }
  const auto frame = build_frame(*spec);
  const Packet packet = dissect(frame, spec->interface);
  const Evaluation e = evaluate(policy, packet);
  const auto& others = finding.others;
  return matches(policy, policy.rules[finding.rule].match, packet) &&
         std::ranges::any_of(others, [&](std::uint32_t other) {
           return e.decision.rule == other ||
                  std::ranges::find(e.counted, other) != e.counted.end();
         });
}

class Lint : public testing::TestWithParam<FileCase> {};

TEST_P(Lint, Says) {
  const Policy policy = policy_in(GetParam().input);
  const LintReport report = lint(policy, decider(policy));
  EXPECT_EQ(report.settled, policy.rules.size());
  EXPECT_FALSE(report.out_of_time);
  Diagnostics diagnostics;
  add_findings(report.findings, policy, "p.yaml", diagnostics);
  EXPECT_EQ(text_of(diagnostics), GetParam().expect);
  for (const LintFinding& finding : report.findings) {
    EXPECT_TRUE(shows(finding, policy)) << finding.witness;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Lint, cases("lint.txt"), name_of);

class Lockouts : public testing::TestWithParam<FileCase> {};

// From 203.0.113.9 to this host's SSH.
TcpSession session() {
  return {*parse_address("203.0.113.9"), *parse_address("198.51.100.7"), 51234,
          22, "eth0"};
}

TEST_P(Lockouts, Says) {
  const Policy policy = policy_in(GetParam().input);
  const bool by_ssh = GetParam().name.starts_with("ssh");
  Diagnostics diagnostics;
  add_lockouts(
      find_lockouts(policy, by_ssh ? std::optional(session()) : std::nullopt),
      policy, "p.yaml", diagnostics);
  EXPECT_EQ(text_of(diagnostics), GetParam().expect);
}

INSTANTIATE_TEST_SUITE_P(Table, Lockouts, cases("lockout.txt"), name_of);

TEST(LintNotes, NameTheRulesThatTakeAPart) {
  const Policy policy = policy_in(
      "version: 1\n"
      "rules:\n"
      "  - {name: office, match: {src: 203.0.113.7, protocol: tcp,\n"
      "     dst_port: 22, src_port: 9, tcp_flags: \"syn/all\", ttl: 9},\n"
      "     action: pass}\n"
      "  - {name: other, match: {src: 192.0.2.1}, action: drop}\n"
      "  - {name: ssh, match: {src: 203.0.113.7, dst_port: 22},\n"
      "     action: drop}\n");
  const DecidingRule decide = decider(policy);
  EXPECT_TRUE(lint(policy, decide).findings.empty());
  const auto findings = lint(policy, decide, {.notes = true}).findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, LintKind::kPartly);
  EXPECT_EQ(findings[0].rule, 2u);
  EXPECT_EQ(findings[0].others, std::vector<std::uint32_t>{0});
  EXPECT_EQ(findings[0].witness,
            "tcp 203.0.113.7:9 > 198.51.100.1:22 syn ttl 9");
}

TEST(LintBudget, SaysThatTheTimeEnded) {
  const Policy policy = policy_in(
      "version: 1\n"
      "rules:\n"
      "  - {name: a, action: drop}\n"
      "  - {name: b, action: drop}\n");
  const LintReport report = lint(policy, decider(policy), {.seconds = 0});
  EXPECT_TRUE(report.out_of_time);
  EXPECT_EQ(report.settled, 0u);
  EXPECT_TRUE(report.findings.empty());
}

}  // namespace
}  // namespace xdpgate::test
