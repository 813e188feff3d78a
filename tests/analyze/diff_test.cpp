// SPDX-License-Identifier: GPL-2.0-only
// diff() as a table in cases/, and against the evaluator on small policies.
#include "analyze/diff.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "tests/analyze/analyzed.h"
#include "tests/support/case_file.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"
#include "tests/support/seeds.h"
#include "tests/support/small_frames.h"
#include "tests/support/small_matches.h"

namespace xdpgate::test {
namespace {

constexpr DiffOptions kPatient = {.seconds = 600};

std::string name_of(const std::optional<std::uint32_t>& rule,
                    const Policy& policy) {
  return rule ? policy.rules[*rule].name : "-";
}

// "ssh drop -> - pass: REGION [but x y] PACKET".
std::string text_of(const DiffReport& report, const Policy& old_policy,
                    const Policy& new_policy) {
  std::string text;
  for (const Difference& d : report.differences) {
    text += fmt::format(
        "{} {} -> {} {}: {}\n", name_of(d.old_side.rule, old_policy),
        verdict_name(d.old_side.verdict), name_of(d.new_side.rule, new_policy),
        verdict_name(d.new_side.verdict), d.region);
    if (!d.exceptions.empty()) {
      text += fmt::format("  but {}\n", fmt::join(d.exceptions, " "));
    }
    text += fmt::format("  {}\n", d.packet);
  }
  if (!report.complete) text += "not complete\n";
  if (report.unshown > 0) text += "some not shown\n";
  return text;
}

class Diffs : public testing::TestWithParam<FileCase> {};

TEST_P(Diffs, Say) {
  const std::string& input = GetParam().input;
  const std::size_t middle = input.find("---\n");
  ASSERT_NE(middle, std::string::npos);
  const Policy before = policy_in(input.substr(0, middle));
  const Policy after = policy_in(input.substr(middle + 4));
  EXPECT_EQ(text_of(diff(before, after, kPatient), before, after),
            GetParam().expect);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Diffs, testing::ValuesIn(read_cases("analyze/cases/diff.txt")),
    [](const auto& info) { return info.param.name; });

// Counts and judges differences; says the first mistake.
class Judge {
 public:
  ~Judge() {
    fmt::print(
        "{} pairs of policies, {} differences, {} changed packets, {} "
        "not shown\n",
        pairs_, differences_, changed_, unshown_);
  }

  std::string judge(const Policy& before, const Policy& after) {
    const DiffReport report = diff(before, after, kPatient);
    count(report);
    if (!report.complete) return "not complete";
    for (const Difference& d : report.differences) {
      if (!shows(d, before, after)) return "wrong: " + d.packet;
    }
    if (report.unshown > 0) return {};
    for (const Packet& packet : small_packets()) {
      std::string missing = missed(packet, report, before, after);
      if (!missing.empty()) return missing;
    }
    return {};
  }

  void count(const DiffReport& report) {
    ++pairs_;
    differences_ += report.differences.size();
    unshown_ += report.unshown;
  }

  // Empty, or the packet whose change `report` lacks.
  std::string missed(const Packet& packet, const DiffReport& report,
                     const Policy& before, const Policy& after) {
    const Decision o = evaluate(before, packet).decision;
    const Decision n = evaluate(after, packet).decision;
    if (o.verdict == n.verdict) return {};
    ++changed_;
    const bool known =
        std::ranges::any_of(report.differences, [&](const Difference& d) {
          return d.old_side.rule == o.rule && d.new_side.rule == n.rule;
        });
    if (known) return {};
    return "missed: " + packet_summary(packet);
  }

 private:
  static bool shows(const Difference& d, const Policy& before,
                    const Policy& after) {
    const auto spec = parse_packet_text(d.packet);
    if (!spec) return d.packet.starts_with("frame ");  // cut too short
    const auto frame = build_frame(*spec);
    const Packet packet = dissect(frame, spec->interface);
    const Decision o = evaluate(before, packet).decision;
    const Decision n = evaluate(after, packet).decision;
    return o.verdict != n.verdict && o.rule == d.old_side.rule &&
           n.rule == d.new_side.rule && o.verdict == d.old_side.verdict &&
           n.verdict == d.new_side.verdict;
  }

  std::size_t pairs_ = 0, differences_ = 0, changed_ = 0, unshown_ = 0;
};

class SmallPolicies {
 public:
  explicit SmallPolicies(const std::vector<SmallMatch>& words)
      : words_(words), all_(policy_of(words)) {}

  // Two rules; `settings` choose actions, default and malformed.
  Policy make(std::size_t a, std::size_t b, std::size_t settings) {
    constexpr std::array kActions = {Action::kDrop, Action::kPass,
                                     Action::kCount};
    constexpr std::array kMalformed = {MalformedAction::kDrop,
                                       MalformedAction::kPass,
                                       MalformedAction::kMatch};
    Policy policy = all_;
    policy.rules = {all_.rules[a], all_.rules[b]};
    for (std::size_t i = 0; i < 2; ++i, settings /= 3) {
      policy.rules[i].name = fmt::format("r{}", i);
      policy.rules[i].action = kActions[settings % 3];
    }
    policy.default_action =
        settings % 2 == 0 ? DefaultAction::kPass : DefaultAction::kDrop;
    policy.malformed = kMalformed[settings / 2 % 3];
    return policy;
  }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] std::string text(std::size_t a, std::size_t b) const {
    return words_[a].text + ", then " + words_[b].text;
  }

 private:
  std::vector<SmallMatch> words_;
  Policy all_;
};

// Every 16th of all ordered pairs of matches, each against another pair; actions
// and settings take turns.
TEST(DiffSmall, AgreesWithTheEvaluator) {
  SmallPolicies policies(small_matches());
  Judge judge;
  std::size_t turn = 0;
  const std::size_t n = policies.size();
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b, ++turn) {
      if (turn % 16 != 0) continue;
      const std::size_t c = (a * 7 + turn * 13) % n;
      const std::size_t d = (b + turn * 5) % n;
      const std::string mistake =
          judge.judge(policies.make(a, b, turn % 54),
                      policies.make(turn % 3 == 0 ? a : c, d, turn * 5 % 54));
      ASSERT_EQ(mistake, "")
          << policies.text(a, b) << "; "
          << policies.text(turn % 3 == 0 ? a : c, d) << "; turn " << turn;
    }
  }
}

TEST(DiffSmall, AgreesOnOverlappingMatches) {
  SmallPolicies policies(overlapping_matches());
  Judge judge;
  const std::size_t n = policies.size();
  for (std::size_t i = 0; i < n * n * n * n; i += 4) {
    const std::size_t a = i % n, b = i / n % n;
    const std::size_t c = i / n / n % n, d = i / n / n / n;
    const std::string mistake = judge.judge(policies.make(a, b, i % 54),
                                            policies.make(c, d, i * 5 % 54));
    ASSERT_EQ(mistake, "") << policies.text(a, b) << "; " << policies.text(c, d)
                           << "; " << i;
  }
}

class DiffRandom : public testing::TestWithParam<int> {};

// A random policy against itself with a rule left out and two swapped.
TEST_P(DiffRandom, AgreesWithTheEvaluator) {
  constexpr std::uint64_t kPolicies = 30;
  constexpr int kPackets = 300;
  const SeedRange seeds = seeds_of(GetParam(), kPolicies, false);
  fmt::print("{}\n", seeds.text());
  Judge judge;
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    const std::uint64_t seed = seeds.first + i;
    SCOPED_TRACE(fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1", seed));
    const Policy before = policy_in(random_policy_text(seed));
    Policy after = before;
    Dice dice(seed);
    const std::size_t n = after.rules.size();
    std::swap(after.rules[dice.below(n)], after.rules[dice.below(n)]);
    after.rules.erase(after.rules.begin() +
                      static_cast<std::ptrdiff_t>(dice.below(n)));
    ASSERT_TRUE(diff(before, before, kPatient).differences.empty());
    const DiffReport report = diff(before, after, {.seconds = 20});
    judge.count(report);
    if (!report.complete || report.unshown > 0) continue;
    RandomPackets packets(seed);
    for (int p = 0; p < kPackets; ++p) {
      const Bytes frame = packets.next();
      const Packet packet =
          dissect(frame, dice.pick({"i0", "i1", "i2", "other"}));
      ASSERT_EQ(judge.missed(packet, report, before, after), "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, DiffRandom, kAllShards,
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
