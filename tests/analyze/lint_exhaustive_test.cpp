// SPDX-License-Identifier: GPL-2.0-only
// Lint against the evaluator: of all small policies and random ones, no rule
// that lint calls dead ever decides or counts a packet, and of small ones all
// is known.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "analyze/lint.h"
#include "base/dice.h"
#include "policy/evaluate.h"
#include "policy/load.h"
#include "tests/analyze/analyzed.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"
#include "tests/support/seeds.h"
#include "tests/support/small_frames.h"
#include "tests/support/small_matches.h"

namespace xdpgate::test {
namespace {

constexpr std::array kActions = {Action::kDrop, Action::kPass, Action::kCount};
constexpr std::array kMalformed = {
    MalformedAction::kMatch, MalformedAction::kDrop, MalformedAction::kPass};

LintReport lint_of(const Policy& policy) {
  return lint(policy, decider(policy), {.seconds = 600});
}

// By rule: whether lint says that no packet gets to it.
std::vector<bool> dead_rules(const Policy& policy, const LintReport& report) {
  std::vector<bool> dead(policy.rules.size());
  for (const LintFinding& finding : report.findings) {
    const bool counts = policy.rules[finding.rule].action == Action::kCount;
    const bool repeats =
        finding.kind == LintKind::kDuplicate &&
        policy.rules[finding.others[0]].action == Action::kCount;
    dead[finding.rule] = !(counts && repeats);
  }
  return dead;
}

void note_reached(const Policy& policy, const Packet& packet,
                  std::vector<bool>& reached) {
  const Evaluation e = evaluate(policy, packet);
  for (std::uint32_t rule : e.counted) reached[rule] = true;
  if (e.decision.rule) reached[*e.decision.rule] = true;
}

class Judge {
 public:
  ~Judge() {
    fmt::print("{} policies, {} of {} rules dead, {} not settled\n", policies_,
               dead_, rules_, unsettled_);
  }
  void judge(const Policy& policy, const std::string& text) {
    const LintReport report = lint_of(policy);
    const auto dead = dead_rules(policy, report);
    std::vector<bool> reached(policy.rules.size());
    for (const Packet& packet : small_packets()) {
      note_reached(policy, packet, reached);
    }
    for (std::size_t i = 0; i < dead.size(); ++i) {
      EXPECT_FALSE(dead[i] && reached[i]) << text << "rule " << i;
      dead_ += dead[i] ? 1 : 0;
    }
    EXPECT_FALSE(report.out_of_time);
    ++policies_;
    rules_ += policy.rules.size();
    unsettled_ += policy.rules.size() - report.settled;
  }
  [[nodiscard]] std::size_t unsettled() const { return unsettled_; }

 private:
  std::size_t policies_ = 0, rules_ = 0, dead_ = 0, unsettled_ = 0;
};

// A policy of some of the rules of another.
class Picker {
 public:
  explicit Picker(const std::vector<SmallMatch>& words)
      : words_(words), all_(policy_of(words)) {}

  void pick(const std::vector<std::size_t>& rules, std::size_t actions) {
    text_.clear();
    policy_ = all_;
    policy_.rules.clear();
    policy_.malformed = kMalformed[actions % kMalformed.size()];
    for (std::size_t rule : rules) {
      Rule next = all_.rules[rule];
      next.name = fmt::format("r{}", policy_.rules.size());
      next.action = kActions[actions % kActions.size()];
      text_ += fmt::format("{}: {} {}\n", next.name, words_[rule].text,
                           actions % kActions.size());
      actions /= kActions.size();
      policy_.rules.push_back(std::move(next));
    }
  }
  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::vector<SmallMatch> words_;
  Policy all_, policy_;
  std::string text_;
};

TEST(LintSmall, EveryOrderedPair) {
  Picker picker(small_matches());
  Judge judge;
  std::size_t turn = 0;
  for (std::size_t a = 0; a < small_matches().size(); ++a) {
    for (std::size_t b = 0; b < small_matches().size(); ++b) {
      picker.pick({a, b}, turn++);
      judge.judge(picker.policy(), picker.text());
      if (HasFailure()) return;
    }
  }
}

TEST(LintSmall, EveryFourOfOverlappingMatches) {
  const auto words = overlapping_matches();
  Picker picker(words);
  Judge judge;
  std::size_t turn = 0;
  const std::size_t n = words.size();
  for (std::size_t i = 0; i < n * n * n * n; ++i) {
    picker.pick({i % n, i / n % n, i / n / n % n, i / n / n / n}, turn++);
    judge.judge(picker.policy(), picker.text());
    if (HasFailure()) return;
  }
}

class LintRandom : public testing::TestWithParam<int> {};

TEST_P(LintRandom, DeadRulesDecideNothing) {
  constexpr std::uint64_t kPolicies = 40;
  constexpr int kPackets = 500;
  const SeedRange seeds = seeds_of(GetParam(), kPolicies, false);
  std::size_t dead_count = 0, rules = 0, settled = 0;
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    const std::uint64_t seed = seeds.first + i;
    Diagnostics diagnostics;
    const auto policy =
        parse_policy(random_policy_text(seed), "p.yaml", diagnostics);
    ASSERT_TRUE(policy);
    const LintReport report = lint_of(*policy);
    const auto dead = dead_rules(*policy, report);
    std::vector<bool> reached(dead.size());
    RandomPackets packets(seed);
    Dice dice(seed);
    for (int p = 0; p < kPackets; ++p) {
      const Bytes frame = packets.next();
      note_reached(*policy, dissect(frame, dice.pick({"i0", "i1", "i2", "x"})),
                   reached);
    }
    for (std::size_t r = 0; r < dead.size(); ++r) {
      ASSERT_FALSE(dead[r] && reached[r])
          << "XDPGATE_SEED=" << seed << " rule " << policy->rules[r].name;
      dead_count += dead[r] ? 1 : 0;
    }
    rules += dead.size();
    settled += report.settled;
  }
  fmt::print("{}: {} of {} rules dead, {} settled\n", seeds.text(), dead_count,
             rules, settled);
  EXPECT_GT(dead_count, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shard, LintRandom, kAllShards,
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
