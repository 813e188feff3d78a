// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/rule_series.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

namespace xdpgate::test {
namespace {

using testing::ElementsAre;

RuleStats counted(const std::string& name, std::uint64_t packets) {
  return {name, packets, packets * 60, 1};
}

RuleStats limited(const std::string& name, std::uint64_t packets,
                  std::uint64_t over) {
  RuleStats rule = counted(name, packets);
  rule.over = xg_counter{over, over * 60};
  return rule;
}

// "name=packets", in the order of the series.
std::vector<std::string> texts(const std::vector<RuleSeries>& series) {
  std::vector<std::string> result;
  for (const RuleSeries& one : series) {
    EXPECT_EQ(one.all.bytes, one.all.packets * 60) << one.rule;
    result.push_back(fmt::format("{}={}", one.rule, one.all.packets));
  }
  return result;
}

TEST(RuleSeriesChoice, FewRulesHaveOneEach) {
  RuleSeriesChoice choice(2);
  EXPECT_THAT(texts(choice.next({counted("b", 0), counted("a", 7)})),
              ElementsAre("b=0", "a=7"));
  EXPECT_THAT(texts(choice.next({counted("a", 9)})), ElementsAre("a=9"));
  EXPECT_THAT(texts(choice.next({})), ElementsAre());
}

TEST(RuleSeriesChoice, TheBusiestHaveOneAndTheOthersShareOne) {
  RuleSeriesChoice choice(2);
  EXPECT_THAT(texts(choice.next({counted("a", 1), counted("b", 5),
                                 counted("c", 3), counted("d", 3)})),
              ElementsAre("b=5", "c=3", "(other)=0"));
  EXPECT_THAT(texts(choice.next({counted("a", 2), counted("b", 6),
                                 counted("c", 4), counted("d", 6)})),
              ElementsAre("b=6", "c=4", "(other)=4"));
}

TEST(RuleSeriesChoice, NoneHasOneWhereNoneIsAsked) {
  RuleSeriesChoice choice(0);
  EXPECT_THAT(texts(choice.next({counted("a", 5)})), ElementsAre("(other)=0"));
  EXPECT_THAT(texts(choice.next({counted("a", 6)})), ElementsAre("(other)=1"));
}

TEST(RuleSeriesChoice, ARuleWithMoreThanTwiceThePacketsTakesThePlace) {
  RuleSeriesChoice choice(1);
  EXPECT_THAT(texts(choice.next({counted("a", 10), counted("b", 0)})),
              ElementsAre("a=10", "(other)=0"));
  EXPECT_THAT(texts(choice.next({counted("a", 10), counted("b", 20)})),
              ElementsAre("a=10", "(other)=20"));
  // What it counted until now stays shared; from now on it is its own.
  EXPECT_THAT(texts(choice.next({counted("a", 10), counted("b", 21)})),
              ElementsAre("b=21", "(other)=21"));
  EXPECT_THAT(texts(choice.next({counted("a", 12), counted("b", 30)})),
              ElementsAre("b=30", "(other)=23"));
}

TEST(RuleSeriesChoice, ARuleThatGoesMakesRoomAndTakesNothingFromTheOthers) {
  RuleSeriesChoice choice(1);
  (void)choice.next({counted("a", 9), counted("b", 1), counted("c", 2)});
  EXPECT_THAT(texts(choice.next({counted("b", 4), counted("c", 2)})),
              ElementsAre("b=4", "(other)=3"));
  EXPECT_THAT(texts(choice.next({counted("b", 5)})),
              ElementsAre("b=5", "(other)=3"));
  // One that came with the new policy has counted since then.
  EXPECT_THAT(texts(choice.next({counted("b", 5), counted("d", 2)})),
              ElementsAre("b=5", "(other)=5"));
}

TEST(RuleSeriesChoice, LimitsAreSplitAndNeverFall) {
  RuleSeriesChoice choice(1);
  auto first = choice.next({limited("a", 10, 0), limited("b", 4, 1)});
  EXPECT_EQ(first[0].within->packets, 10u);
  EXPECT_EQ(first[0].over->packets, 0u);
  EXPECT_FALSE(first[1].over) << "nothing shared yet";
  // Five came between the two reads of `a`.
  auto second = choice.next({limited("a", 10, 5), limited("b", 9, 2)});
  EXPECT_EQ(second[0].within->packets, 10u);
  EXPECT_EQ(second[0].over->packets, 5u);
  EXPECT_EQ(second[1].within->packets, 4u);
  EXPECT_EQ(second[1].over->packets, 1u);
}

// Rules that count, come and go at random: no series falls while its rules
// stay, and what all rules counted from look to look is what the series rose.
class Churn {
 public:
  explicit Churn(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 12; ++i) add();
    now_ = by_name(choice_.next(rules_));
  }

  void step() {
    std::uint64_t rise = 0;
    for (RuleStats& rule : rules_) {
      const std::uint64_t more = pick(4) == 0 ? pick(1u << pick(12)) : 0;
      rule.packets += more;
      rule.bytes += more * 60;
      rise += more;
    }
    rise += change_policy();
    const auto before = now_;
    now_ = by_name(choice_.next(rules_));
    EXPECT_LE(now_.size(), kMost + 1);
    EXPECT_EQ(rise, rise_of_series(before));
  }

 private:
  static constexpr std::size_t kMost = 4;
  using ByName = std::map<std::string, std::uint64_t>;

  std::size_t pick(std::size_t below) { return random_() % below; }

  void add() {
    rules_.insert(rules_.begin() + static_cast<long>(pick(rules_.size() + 1)),
                  counted(fmt::format("r{}", names_++), 0));
  }

  // What a rule that is taken out has counted since the last look is lost.
  std::uint64_t change_policy() {
    if (pick(5) != 0 || rules_.size() < 6) return 0;
    const auto out = rules_.begin() + static_cast<long>(pick(rules_.size()));
    const std::uint64_t lost = out->packets - last_[out->name];
    rules_.erase(out);
    add();
    return std::uint64_t{0} - lost;
  }

  ByName by_name(const std::vector<RuleSeries>& series) {
    ByName result;
    for (const RuleSeries& one : series) result[one.rule] = one.all.packets;
    for (const RuleStats& rule : rules_) last_[rule.name] = rule.packets;
    return result;
  }

  // A series that is new shows a total: only what comes later is a rise.
  std::uint64_t rise_of_series(const ByName& before) const {
    std::uint64_t rise = 0;
    for (const auto& [name, packets] : now_) {
      const auto was = before.find(name);
      if (was == before.end()) continue;
      EXPECT_GE(packets, was->second) << name << " falls";
      rise += packets - was->second;
    }
    return rise;
  }

  std::mt19937_64 random_;
  RuleSeriesChoice choice_{kMost};
  std::vector<RuleStats> rules_;
  ByName now_, last_;
  int names_ = 0;
};

TEST(RuleSeriesChoice, CountsEveryPacketOnceHoweverRulesChange) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Churn churn(seed);
    for (int i = 0; i < 300; ++i) churn.step();
  }
}

}  // namespace
}  // namespace xdpgate::test
