// SPDX-License-Identifier: GPL-2.0-only
// Limits and bans by all three engines under a clock that the test sets.
// XDPGATE_SEED and XDPGATE_POLICIES as in random_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/dice.h"
#include "policy/duration.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/privilege.h"
#include "tests/support/seeds.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kPolicies = 2;  // a shard
constexpr int kSteps = 400;
constexpr std::uint64_t kStart = 1'000 * kSecondNs;

// From 10.X.Y.Z, whose last three bytes are `host`.
Bytes from(std::uint32_t host, std::size_t data_bytes = 20) {
  Bytes frame = ether(0x0800) +
                ipv4({.protocol = 17}, udp(8 + data_bytes) + zeros(data_bytes));
  frame[26] = 10;
  frame[27] = static_cast<std::uint8_t>(host >> 16);
  frame[28] = static_cast<std::uint8_t>(host >> 8);
  frame[29] = static_cast<std::uint8_t>(host);
  return frame;
}

Bytes from6(std::uint8_t net, std::uint8_t host) {
  Bytes frame = ether(0x86dd) + ipv6({.next = 17}, udp(8));
  frame[29] = net;  // the last byte of the first 64 bits
  frame[37] = host;
  return frame;
}

class Limits : public testing::TestWithParam<Kernel> {
 protected:
  void SetUp() override {
    if (GetParam() != Kernel::kNone) XG_NEED_BPF();
  }

  std::unique_ptr<ThreeEngines> engines(const std::string& rules,
                                        int set_size = 64) {
    auto result = std::make_unique<ThreeEngines>(
        fmt::format("version: 1\nname: p\nsets:\n"
                    "  s: {{type: address, dynamic: true, size: {}}}\n"
                    "rules:\n{}",
                    set_size, rules),
        GetParam());
    result->set_clock(now_ = kStart);
    return result;
  }

  // Of `count` such packets in a row, how many pass.
  int passed(ThreeEngines& engines, const Bytes& frame, int count) {
    int passes = 0;
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(engines.judge(frame, "i0"), "");
      passes += engines.last().decision.verdict == XG_PASS;
    }
    return passes;
  }

  void wait(ThreeEngines& engines, std::uint64_t ns) {
    engines.set_clock(now_ += ns);
  }

  std::uint64_t now_ = 0;
};

TEST_P(Limits, TheBurstThenTheRate) {
  auto e = engines("  - {name: r, action: pass, limit: {rate: 10/s, burst: 5}}\n");
  EXPECT_EQ(passed(*e, from(1), 20), 5);
  wait(*e, kSecondNs / 10 - 1);
  EXPECT_EQ(passed(*e, from(2), 3), 0);
  wait(*e, 1);
  EXPECT_EQ(passed(*e, from(3), 3), 1);
  wait(*e, kSecondNs / 10 * 3);
  EXPECT_EQ(passed(*e, from(1), 9), 3);
  wait(*e, 3'600 * kSecondNs);
  EXPECT_EQ(passed(*e, from(1), 9), 5);
  wait(*e, 200 * 86'400 * kSecondNs);  // longer than times wrap in
  EXPECT_EQ(passed(*e, from(1), 9), 5);
  EXPECT_EQ(e->compare_counters(), "");
}

TEST_P(Limits, BytesAreThoseOfFrames) {
  auto e = engines(
      "  - {name: r, action: pass, limit: {rate: 8kbit/s, burst: 2000B}}\n");
  EXPECT_EQ(passed(*e, from(1, 458), 9), 4);  // of 500 bytes each
  wait(*e, kSecondNs / 2);
  EXPECT_EQ(passed(*e, from(1, 458), 9), 1);
  EXPECT_EQ(e->compare_counters(), "");
}

TEST_P(Limits, EachKeyHasItsOwn) {
  auto e = engines(
      "  - {name: r, action: pass, limit: {rate: 1/s, burst: 2, per: src/24}}\n");
  EXPECT_EQ(passed(*e, from(0x000101), 3), 2);
  EXPECT_EQ(passed(*e, from(0x0001ff), 3), 0);
  EXPECT_EQ(passed(*e, from(0x000201), 3), 2);
  EXPECT_EQ(passed(*e, from6(1, 1), 3), 2);  // by /64
  EXPECT_EQ(passed(*e, from6(1, 2), 3), 0);
  EXPECT_EQ(passed(*e, from6(2, 1), 3), 2);
  // What has no source shares one.
  EXPECT_EQ(passed(*e, ether(0x0806) + zeros(28), 3), 2);
  EXPECT_EQ(passed(*e, ether(0x88cc) + zeros(28), 3), 0);
  auto dst = engines(
      "  - {name: r, action: pass, limit: {rate: 1/s, burst: 2, per: dst}}\n");
  EXPECT_EQ(passed(*dst, from(1), 3), 2);
  EXPECT_EQ(passed(*dst, from(2), 3), 0);
}

TEST_P(Limits, OverMayDecideOrGoOn) {
  auto e = engines(
      "  - {name: a, action: count, limit: {rate: 1/s, burst: 2}, over: drop}\n"
      "  - {name: b, action: pass, limit: {rate: 1/s, burst: 1}, over: count}\n"
      "  - {name: c, match: {src: 10.0.0.9}, action: drop}\n");
  EXPECT_EQ(passed(*e, from(9), 1), 1);  // within both
  EXPECT_EQ(passed(*e, from(9), 1), 0);  // beyond b: by c
  EXPECT_EQ(e->last().decision.rule, 2u);
  EXPECT_EQ(passed(*e, from(9), 1), 0);  // beyond a
  EXPECT_EQ(e->last().decision.rule, 0u);
  EXPECT_EQ(e->compare_counters(), "");
}

TEST_P(Limits, OverMayReject) {
  auto e = engines(
      "  - {name: r, action: pass, limit: {rate: 1/s, burst: 2},"
      " over: reject}\n");
  EXPECT_EQ(passed(*e, from(9), 3), 2);
  EXPECT_EQ(e->last().decision.verdict, XG_REJECT);
  EXPECT_EQ(e->last().decision.rule, 0u);
  EXPECT_EQ(e->compare_counters(), "");
}

TEST_P(Limits, ABanTakesTheSourceForItsTime) {
  auto e = engines(
      "  - {name: in, match: {src: \"@s\"}, action: drop}\n"
      "  - {name: bad, match: {length: 100-65535}, action: drop,"
      " ban: {set: s, for: 10s}}\n"
      "  - {name: rate, action: pass, limit: {rate: 1/s, burst: 2, per: src},"
      " ban: {set: \"@s\", for: 20s}}\n");
  EXPECT_EQ(passed(*e, from(1, 200), 1), 0);
  EXPECT_EQ(e->last().decision.rule, 1u);
  EXPECT_EQ(passed(*e, from(1), 1), 0);
  EXPECT_EQ(e->last().decision.rule, 0u);
  wait(*e, 10 * kSecondNs);
  EXPECT_EQ(passed(*e, from(1), 1), 1);
  EXPECT_EQ(passed(*e, from(2), 3), 2);  // the third is banned
  EXPECT_EQ(passed(*e, from(2), 1), 0);
  EXPECT_EQ(e->last().decision.rule, 0u);
  wait(*e, 20 * kSecondNs - 1);
  EXPECT_EQ(passed(*e, from(2), 1), 0);
  wait(*e, 1);
  EXPECT_EQ(passed(*e, from(2), 1), 1);
  EXPECT_EQ(e->compare_counters(), "");
}

TEST_P(Limits, AFullSetIsNoPlaceForABan) {
  auto e = engines(
      "  - {name: in, match: {src: \"@s\"}, action: drop}\n"
      "  - {name: bad, action: count, ban: {set: s, for: 10s}}\n",
      4);
  for (std::uint32_t host = 1; host <= 6; ++host) {
    EXPECT_EQ(passed(*e, from(host), 1), 1) << host;
  }
  for (std::uint32_t host = 1; host <= 6; ++host) {
    EXPECT_EQ(passed(*e, from(host), 1), host > 4) << host;
  }
  // What has expired makes room, without the tool.
  wait(*e, 10 * kSecondNs);
  for (std::uint32_t host = 11; host <= 14; ++host) {
    EXPECT_EQ(passed(*e, from(host), 2), 1) << host;
  }
  EXPECT_EQ(passed(*e, from(5), 2), 2);
}

INSTANTIATE_TEST_SUITE_P(Engines, Limits,
                         testing::Values(Kernel::kNone, Kernel::kLoaded),
                         [](const auto& info) {
                           return info.param == Kernel::kNone ? "Native"
                                                              : "Kernel";
                         });

std::string random_rule(Dice& dice, std::uint64_t number) {
  constexpr const char* kActions[] = {"pass", "drop", "count", "reject"};
  constexpr const char* kPers[] = {"rule", "src", "dst", "src/30", "src/64",
                                   "[src/31, src/63]"};
  constexpr const char* kMatches[] = {"", "src: \"@s\"", "dst: {not: \"@s\"}",
                                      "src: 10.0.0.0/29", "family: ipv6"};
  const char* per = kPers[dice.below(std::size(kPers))];
  std::string limit;
  if (!dice.one_in(3)) {
    const bool bytes = dice.one_in(3);
    limit = fmt::format(
        ", limit: {{rate: {}{}/s, burst: {}{}, per: {}}}, over: {}",
        dice.between(1, 50) * (bytes ? 100 : 1), bytes ? "B" : "",
        dice.between(1, 9) + (bytes ? 1'518 : 0), bytes ? "B" : "", per,
        kActions[dice.below(std::size(kActions))]);
  }
  if (dice.one_in(3)) {
    limit += fmt::format(", ban: {{set: s, for: {}ms}}", dice.between(1, 900));
  }
  return fmt::format("  - {{name: r{}, match: {{{}}}, action: {}{}}}\n", number,
                     kMatches[dice.below(std::size(kMatches))],
                     kActions[dice.below(std::size(kActions))], limit);
}

Bytes random_frame(Dice& dice) {
  if (dice.one_in(20)) return ether(0x0806) + zeros(28);
  if (dice.one_in(3)) {
    return from6(static_cast<std::uint8_t>(dice.below(4)),
                 static_cast<std::uint8_t>(dice.below(4)));
  }
  return from(static_cast<std::uint32_t>(dice.below(16)),
              static_cast<std::size_t>(dice.below(100)));
}

// Empty, or the first difference.
std::string try_policy(std::uint64_t seed, Kernel kernel) {
  Dice dice(seed);
  std::string text =
      "version: 1\nname: p\nsets:\n"
      "  s: {type: address, dynamic: true, size: 200}\nrules:\n";
  const std::uint64_t rules = dice.between(1, 6);
  for (std::uint64_t i = 0; i < rules; ++i) text += random_rule(dice, i);
  ThreeEngines engines(text, kernel);
  std::uint64_t now = kStart;
  std::string report;
  for (int step = 0; step < kSteps && report.empty(); ++step) {
    if (dice.one_in(2)) now += dice.below(kSecondNs / 5);
    engines.set_clock(now);
    report = engines.judge(random_frame(dice), "i0");
  }
  if (report.empty()) report = engines.compare_counters();
  if (report.empty()) return report;
  return fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1\n{}\n{}", seed, report,
                     text);
}

class LimitWorlds : public testing::TestWithParam<int> {};

void run(int shard, Kernel kernel) {
  const std::uint64_t share = kernel == Kernel::kNone ? 50 : 1;
  const SeedRange seeds =
      seeds_of(shard, kPolicies * share, kernel != Kernel::kNone);
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    ASSERT_EQ(try_policy(seeds.first + i, kernel), "");
  }
}

TEST_P(LimitWorlds, EvaluatorAndNativeAgree) { run(GetParam(), Kernel::kNone); }

TEST_P(LimitWorlds, KernelAgreesToo) {
  XG_NEED_BPF();
  run(GetParam(), Kernel::kLoaded);
}

INSTANTIATE_TEST_SUITE_P(Shard, LimitWorlds, kAllShards,
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
