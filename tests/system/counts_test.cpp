// SPDX-License-Identifier: GPL-2.0-only
// Promise 2: a rule keeps its counts for as long as its name stays in the
// policy, through any number of swaps and moves.
#include <fmt/format.h>

#include <algorithm>

#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

constexpr std::uint16_t kLast = 5000, kOther = 5001;

class CountsTest : public SystemTest {
 protected:
  void apply_rules(const std::vector<std::string>& rules) {
    generation_ = put_on_v1(image_of(policy_text(rules)));
  }
  // Sends to each port as many frames as it says, and waits for them.
  void send(const std::vector<std::pair<std::uint16_t, int>>& frames) {
    for (const auto& [port, count] : frames) {
      SystemTest::send("v0", udp_to(port), count);
      sent_ += static_cast<std::uint64_t>(count);
    }
    ASSERT_EQ(counts_after(sent_).judged(), sent_);
  }
  // "a 5 gen 1, b 7 gen 1", and that packets and bytes agree.
  std::string text() {
    const auto now = stats(instance_name());
    EXPECT_TRUE(now) << now.error().line();
    std::string result;
    for (const RuleStats& rule : now->rules) {
      EXPECT_EQ(rule.bytes, rule.packets * udp_to(1).size()) << rule.name;
      result += fmt::format("{}{} {} gen {}", result.empty() ? "" : ", ",
                            rule.name, rule.packets, rule.changed);
    }
    return result;
  }

  std::uint64_t generation_ = 0;
  std::uint64_t sent_ = 0;
};

TEST_F(CountsTest, AreKeptByNameAndLostWithIt) {
  const std::string a = port_rule("a", 1, "drop");
  const std::string b = port_rule("b", 2, "drop");
  const std::string c = port_rule("c", 3, "pass");
  const std::string d = port_rule("d", 2, "drop");
  apply_rules({a, b, c});
  send({{1, 5}, {2, 7}, {3, 11}});
  EXPECT_EQ(text(), "a 5 gen 1, b 7 gen 1, c 11 gen 1");
  apply_rules({c, a, b});  // moved
  EXPECT_EQ(text(), "c 11 gen 1, a 5 gen 1, b 7 gen 1");
  send({{1, 1}, {2, 1}, {3, 1}});
  EXPECT_EQ(text(), "c 12 gen 1, a 6 gen 1, b 8 gen 1");
  apply_rules({a, d, c});  // renamed
  EXPECT_EQ(text(), "a 6 gen 1, d 0 gen 3, c 12 gen 1");
  send({{2, 2}});
  apply_rules({a, b, c});  // and back: what `d` counted was never `b`'s
  EXPECT_EQ(text(), "a 6 gen 1, b 0 gen 4, c 12 gen 1");
  apply_rules({c});  // removed
  send({{1, 3}});    // nobody's now
  EXPECT_EQ(text(), "c 12 gen 1");
  apply_rules({a, c});  // and brought back
  EXPECT_EQ(text(), "a 0 gen 6, c 12 gen 1");
  apply_rules({port_rule("a", 1, "drop"), port_rule("c", 4, "drop")});
  send({{4, 4}});  // a rule that changes is still the same rule
  EXPECT_EQ(text(), "a 0 gen 6, c 16 gen 7");
  const Counts all = counts();
  EXPECT_EQ(all.verdicts.at("drop").packets, 5u + 7 + 1 + 1 + 2 + 4);
  EXPECT_EQ(all.verdicts.at("pass").packets, 11u + 1 + 3);
  EXPECT_EQ(all.default_action.packets, 3u);
}

TEST_F(CountsTest, SurviveManySwapsAndMoves) {
  constexpr int kRules = 600;  // over several chunks of the counters
  std::vector<std::string> rules;
  for (int i = 0; i < kRules; ++i) {
    rules.push_back(port_rule(fmt::format("r{}", i), 1 + i, "drop"));
  }
  apply_rules(rules);
  std::vector<std::pair<std::uint16_t, int>> frames;
  for (int port = 1; port <= kRules; port += 7) {
    frames.emplace_back(port, port % 5 + 1);
  }
  for (int swap = 0; swap < 20; ++swap) {
    send(frames);
    std::rotate(rules.begin(), rules.begin() + 101, rules.end());
    apply_rules(rules);
  }
  const Counts now = counts();
  for (const auto& [port, count] : frames) {
    EXPECT_EQ(now.packets(fmt::format("r{}", port - 1)), 20u * count);
  }
  EXPECT_EQ(now.judged(), sent_);
}

// Ten rules and `last`, with `more` others between them.
std::string policy_with(int more) {
  std::vector<std::string> rules;
  for (int i = 0; i < 10; ++i) {
    rules.push_back(port_rule(fmt::format("r{}", i), 1 + i, "drop"));
  }
  for (int i = 0; i < more; ++i) {
    rules.push_back(fmt::format(
        "{{name: f{0}, match: {{src: 10.{1}.{2}.{3}, dst_port: {4}}}, "
        "action: drop}}",
        i, i >> 16, i >> 8 & 255, i & 255, i % 60000));
  }
  rules.push_back(port_rule("last", kLast, "drop"));
  rules.push_back(port_rule("other", kOther, "pass"));
  return policy_text(rules);
}

TEST_F(CountsTest, GrowthAndShrinkingLoseNothingUnderTraffic) {
  constexpr int kRounds = 6;
  const Image small = image_of(policy_with(0));
  const Image large = image_of(policy_with(100'000));
  put_on_v1(small);
  std::vector<Bytes> frames = {udp_to(kLast), udp_to(kOther)};
  for (std::uint16_t port = 1; port <= 10; ++port) {
    frames.push_back(udp_to(port));
  }
  Sink sink("v1");
  Traffic traffic("v0", frames);
  for (int round = 0; round < kRounds; ++round) {
    put_on_v1(large);
    put_on_v1(small);
  }
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts now = counts_after(arrived);
  sink.stop();
  fmt::print("10 to 100,000 rules and back, {} times, under {} packets\n",
             kRounds, traffic.sent());
  EXPECT_EQ(now.judged(), arrived);
  EXPECT_EQ(now.default_action.packets, 0u);
  std::uint64_t by_rules = 0;
  for (const auto& [name, counter] : now.rules) by_rules += counter.packets;
  EXPECT_EQ(by_rules, arrived);
  EXPECT_EQ(sink.to(kOther) + sink.missed(), now.packets("other"));
  EXPECT_EQ(sink.to(kLast), 0u);  // never an instant without a policy
  for (std::uint16_t port = 1; port <= 10; ++port) EXPECT_EQ(sink.to(port), 0u);
  expect_counted(now.packets("last"), traffic, 0);
}

}  // namespace
}  // namespace xdpgate::test
