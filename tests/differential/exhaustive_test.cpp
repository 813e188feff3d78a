// SPDX-License-Identifier: GPL-2.0-only
// All small policies over a small vocabulary against all small frames:
// evaluator and native engine agree on every pair, and the kernel on a sample.
//
// One rule: every match, action and setting. Two rules: every ordered pair of
// matches, whose actions and settings take turns; for one match a key, every
// action and setting as well. Three rules: every triple of nine matches that
// overlap, with every action. Two keys in one rule: every pair.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <set>
#include <stdexcept>

#include "tests/support/key_parts.h"
#include "tests/support/privilege.h"
#include "tests/support/small_frames.h"
#include "tests/support/small_matches.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::array kActions = {Action::kDrop, Action::kPass, Action::kCount};
constexpr std::array kDefaults = {DefaultAction::kPass, DefaultAction::kDrop};
constexpr std::array kMalformed = {
    MalformedAction::kMatch, MalformedAction::kDrop, MalformedAction::kPass};
constexpr std::size_t kSettings = kDefaults.size() * kMalformed.size();

// Policies made of the matches of one, one after the other.
class Maker {
 public:
  explicit Maker(std::vector<SmallMatch> matches)
      : words_(std::move(matches)), policy_(policy_of(words_)) {
    for (const Rule& rule : policy_.rules) matches_.push_back(rule.match);
  }

  [[nodiscard]] std::size_t size() const { return matches_.size(); }

  // Rules by `matches`; their actions are the digits of `actions`.
  Policy make(const std::vector<std::size_t>& matches, std::size_t actions,
              std::size_t settings) {
    policy_.rules.resize(matches.size());
    policy_.source.clear();
    for (std::size_t i = 0; i < matches.size(); ++i) {
      const Action action = kActions[actions % kActions.size()];
      actions /= kActions.size();
      policy_.rules[i] = {fmt::format("r{}", i), matches_[matches[i]], action};
      policy_.source += fmt::format("{} -> {}\n", words_[matches[i]].text,
                                    static_cast<int>(action));
    }
    policy_.default_action = kDefaults[settings % kDefaults.size()];
    policy_.malformed = kMalformed[settings / kDefaults.size()];
    return policy_;
  }

 private:
  std::vector<SmallMatch> words_;
  Policy policy_;
  std::vector<Match> matches_;
};

// Judges policies by two engines or three and counts them; stops judging after
// the first difference.
class Judge {
 public:
  // With the kernel every `sample`th policy is judged, the others are left out.
  Judge(Kernel kernel, std::size_t sample) : kernel_(kernel), sample_(sample) {}
  ~Judge() {
    fmt::print("{} policies x {} frames = {} pairs\n", judged_,
               small_packets().size(), judged_ * small_packets().size());
  }

  void judge(const Policy& policy) {
    const bool left_out = kernel_ != Kernel::kNone && seen_++ % sample_ != 0;
    if (left_out || testing::Test::HasFailure()) return;
    ++judged_;
    ThreeEngines engines(policy, kernel_);
    for (const Packet& packet : small_packets()) {
      ASSERT_EQ(engines.judge(packet), "") << engines.text();
    }
    ASSERT_EQ(engines.compare_counters(), "") << engines.text();
  }

 private:
  Kernel kernel_;
  std::size_t sample_;
  std::size_t seen_ = 0, judged_ = 0;
};

void one_rule(Judge judge) {
  Maker maker(small_matches());
  for (std::size_t match = 0; match < maker.size(); ++match) {
    for (std::size_t action = 0; action < kActions.size(); ++action) {
      for (std::size_t settings = 0; settings < kSettings; ++settings) {
        judge.judge(maker.make({match}, action, settings));
      }
    }
  }
}

void two_rules(Judge judge) {
  Maker maker(small_matches());
  std::size_t turn = 0;
  for (std::size_t first = 0; first < maker.size(); ++first) {
    for (std::size_t second = 0; second < maker.size(); ++second, ++turn) {
      judge.judge(maker.make({first, second}, turn % 9, turn / 9 % kSettings));
    }
  }
}

void two_rules_with_every_action(Judge judge) {
  Maker maker(one_match_a_key());
  for (std::size_t first = 0; first < maker.size(); ++first) {
    for (std::size_t second = 0; second < maker.size(); ++second) {
      for (std::size_t turn = 0; turn < 9 * kSettings; ++turn) {
        judge.judge(maker.make({first, second}, turn % 9, turn / 9));
      }
    }
  }
}

void three_rules(Judge judge) {
  Maker maker(overlapping_matches());
  const std::size_t size = maker.size();
  for (std::size_t triple = 0; triple < size * size * size; ++triple) {
    for (std::size_t actions = 0; actions < 27; ++actions) {
      judge.judge(maker.make(
          {triple % size, triple / size % size, triple / size / size}, actions,
          (triple + actions) % kSettings));
    }
  }
}

// One match of two keys; none where the checker refuses it, since no packet can
// satisfy both.
std::optional<Maker> maker_of(const SmallMatch& first,
                              const SmallMatch& second) {
  try {
    return Maker({{"", first.text + ", " + second.text}});
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

void two_keys(Judge judge) {
  const auto& matches = small_matches();
  std::size_t turn = 0;
  for (std::size_t first = 0; first < matches.size(); ++first) {
    for (std::size_t second = first + 1; second < matches.size(); ++second) {
      if (matches[first].key == matches[second].key) continue;
      auto maker = maker_of(matches[first], matches[second]);
      if (maker) judge.judge(maker->make({0}, 0, turn++ % kSettings));
    }
  }
  EXPECT_GT(turn, 10'000u);
}

struct Enumeration {
  const char* name;
  void (*run)(Judge judge);
  std::size_t sample;  // one in so many goes through the kernel too
};

class Exhaustive : public testing::TestWithParam<Enumeration> {};

TEST_P(Exhaustive, EvaluatorAndNativeAgree) {
  GetParam().run(Judge(Kernel::kNone, 1));
}

TEST_P(Exhaustive, KernelAgreesToo) {
  XG_NEED_BPF();
  GetParam().run(Judge(Kernel::kShared, GetParam().sample));
}

INSTANTIATE_TEST_SUITE_P(
    Small, Exhaustive,
    testing::Values(Enumeration{"OneRule", one_rule, 1},
                    Enumeration{"TwoKeys", two_keys, 3},
                    Enumeration{"TwoRules", two_rules, 5},
                    Enumeration{"TwoRulesEveryAction",
                                two_rules_with_every_action, 13},
                    Enumeration{"ThreeRules", three_rules, 13}),
    [](const auto& info) { return std::string(info.param.name); });

// Every key is in the vocabulary, and each match is true of some frame and
// false of another.
TEST(Vocabulary, EveryMatchTellsFramesApart) {
  const Policy policy = policy_of(small_matches());
  std::set<std::string> keys;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    keys.insert(small_matches()[i].key);
    std::size_t holds = 0;
    for (const Packet& packet : small_packets()) {
      holds += matches(policy, policy.rules[i].match, packet);
    }
    EXPECT_GT(holds, 0u) << small_matches()[i].text;
    EXPECT_LT(holds, small_packets().size()) << small_matches()[i].text;
  }
  EXPECT_EQ(keys, std::set<std::string>(all_keys().begin(), all_keys().end()));
}

TEST(Vocabulary, FramesHaveEveryClass) {
  std::set<xg_class> classes;
  for (const Packet& packet : small_packets()) {
    classes.insert(packet.packet_class);
  }
  EXPECT_EQ(classes.size(), XG_CLASSES);
}

}  // namespace
}  // namespace xdpgate::test
