// SPDX-License-Identifier: GPL-2.0-only
// Traces hold what they say: kinds, evenness, locality, and an honest word
// where a policy has too little of one kind.
#include "packet/trace.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "compile/compile.h"
#include "engine/native_decider.h"
#include "policy/evaluate.h"
#include "tests/packet/policies.h"
#include "tests/support/random_policy.h"

namespace xdpgate {
namespace {

DecidingRule evaluator(const Policy& policy) {
  return [&policy](std::span<const std::uint8_t> frame,
                   const std::string& interface) {
    return evaluate(policy, dissect(frame, interface)).decision.rule;
  };
}

// 100 rules, a /24 each.
Policy hundred_rules() {
  std::string text = "version: 1\nname: many\nrules:\n";
  for (int i = 0; i < 100; ++i) {
    text += fmt::format(
        "  - {{name: r{0}, match: {{src: 10.0.{0}.0/24}}, action: drop}}\n", i);
  }
  return test::policy_of(text);
}

Trace trace_of(const Policy& policy, TraceOptions options) {
  return make_trace(policy, evaluator(policy), options);
}

std::map<std::uint32_t, std::size_t> by_rule(const Trace& trace) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const TraceFrame& frame : trace.frames) {
    if (frame.rule) ++counts[*frame.rule];
  }
  return counts;
}

std::size_t different(const Trace& trace) {
  std::set<std::vector<std::uint8_t>> frames;
  for (const TraceFrame& frame : trace.frames) frames.insert(frame.bytes);
  return frames.size();
}

TEST(Trace, HasWhatItsKindSays) {
  const Policy policy = hundred_rules();
  for (auto [kind, hits] : {std::pair(TraceKind::kHit, 1000u),
                            {TraceKind::kMiss, 0u},
                            {TraceKind::kMix, 500u}}) {
    const Trace trace = trace_of(policy, {.kind = kind, .packets = 1000});
    EXPECT_EQ(trace.frames.size(), 1000u);
    EXPECT_EQ(trace.hits, hits);
    EXPECT_EQ(trace.misses, 1000u - hits);
    EXPECT_EQ(trace.different, 1000u);
    EXPECT_EQ(different(trace), 1000u);
    EXPECT_EQ(trace.shortfall, "");
    const auto decides = evaluator(policy);
    std::size_t decided = 0;
    for (const TraceFrame& frame : trace.frames) {
      const auto rule = decides(frame.bytes, frame.interface);
      EXPECT_EQ(rule, frame.rule);
      decided += rule ? 1 : 0;
    }
    EXPECT_EQ(decided, hits);
  }
}

TEST(Trace, EvenMeetsEveryRuleAsOften) {
  const Trace trace =
      trace_of(hundred_rules(), {.kind = TraceKind::kHit, .packets = 1000});
  const auto counts = by_rule(trace);
  EXPECT_EQ(counts.size(), 100u);
  for (const auto& [rule, count] : counts) EXPECT_NEAR(count, 10, 1) << rule;
}

TEST(Trace, RealisticPrefersSomeRulesAndRepeatsPackets) {
  const Trace trace = trace_of(
      hundred_rules(), {.kind = TraceKind::kHit,
                        .packets = 20'000,
                        .locality = Locality::kRealistic});
  EXPECT_EQ(trace.frames.size(), 20'000u);
  EXPECT_LT(trace.different, 8'000u);
  EXPECT_EQ(different(trace), trace.different);
  std::vector<std::size_t> sizes;
  for (const auto& [rule, count] : by_rule(trace)) sizes.push_back(count);
  std::ranges::sort(sizes, std::greater());
  EXPECT_GT(sizes.size(), 60u);
  // By Zipf's law the ten first of a hundred have 56 % of the packets.
  std::size_t first = 0;
  for (std::size_t i = 0; i < 10; ++i) first += sizes[i];
  EXPECT_GT(first, 8'000u);
  EXPECT_LT(first, 16'000u);
}

TEST(Trace, SaysWhereEveryPacketMeetsARule) {
  const Policy policy = test::policy_of(
      "version: 1\nname: all\nrules:\n  - {name: all, action: drop}\n");
  Trace trace = trace_of(policy, {.kind = TraceKind::kMiss, .packets = 50});
  EXPECT_EQ(trace.frames.size(), 0u);
  EXPECT_EQ(trace.shortfall, "no packet was found that no rule decides");
  trace = trace_of(policy, {.kind = TraceKind::kMix, .packets = 50});
  EXPECT_EQ(trace.hits, 50u);
  EXPECT_EQ(trace.shortfall, "no packet was found that no rule decides");
}

TEST(Trace, SaysWhereNoPacketMeetsARule) {
  for (const char* rules : {"rules: []\n",
                            "rules:\n  - {name: c, action: count}\n",
                            "rules:\n  - {name: c, match: {vlan: none, "
                            "inner_vlan: 5}, action: drop}\n"}) {
    const Policy policy =
        test::policy_of(std::string("version: 1\nname: none\n") + rules);
    Trace trace = trace_of(policy, {.kind = TraceKind::kHit, .packets = 50});
    EXPECT_EQ(trace.frames.size(), 0u);
    EXPECT_EQ(trace.shortfall, "no packet was found that a rule decides");
    trace = trace_of(policy, {.kind = TraceKind::kMix, .packets = 50});
    EXPECT_EQ(trace.misses, 50u);
  }
}

TEST(Trace, FewDifferentPacketsComeAgain) {
  const Policy policy = test::policy_of(
      "version: 1\nname: one\nrules:\n  - {name: one, match: {family: ipv4, "
      "src: 192.0.2.1, dst: 192.0.2.2, protocol: udp, src_port: 1-3, "
      "dst_port: 2}, action: drop}\n");
  const Trace trace = trace_of(policy, {.kind = TraceKind::kMix, .packets = 200});
  EXPECT_EQ(trace.hits, 100u);
  EXPECT_EQ(trace.misses, 100u);
  EXPECT_EQ(trace.different, 103u);
  EXPECT_EQ(trace.shortfall,
            "only 3 different packets were found that a rule decides");
}

// Rules for almost everything: what is left is found.
TEST(Trace, FindsRareMisses) {
  const Policy policy = test::policy_of(
      "version: 1\nname: most\nrules:\n  - {name: ip, match: {family: ipv4}, "
      "action: pass}\n  - {name: ip6, match: {family: ipv6}, action: pass}\n");
  const Trace trace =
      trace_of(policy, {.kind = TraceKind::kMiss, .packets = 20});
  EXPECT_EQ(trace.misses, 20u);
}

// The native engine as the judge, over policies with every key.
TEST(Trace, NativeEngineJudgesAsTheEvaluator) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Policy policy = test::policy_of(test::random_policy_text(seed));
    auto image = compile(policy, {[&](const std::string& name) {
                           return pseudo_ifindex(policy, name);
                         }});
    ASSERT_TRUE(image);
    const TraceOptions options{.packets = 100, .seed = seed};
    const Trace native = make_trace(
        policy, native_decider(policy, std::move(*image)), options);
    const Trace truth = trace_of(policy, options);
    ASSERT_EQ(native.frames.size(), truth.frames.size()) << seed;
    for (std::size_t i = 0; i < truth.frames.size(); ++i) {
      ASSERT_EQ(native.frames[i].bytes, truth.frames[i].bytes) << seed;
      ASSERT_EQ(native.frames[i].rule, truth.frames[i].rule) << seed;
    }
  }
}

TEST(Trace, SameSeedSameFrames) {
  const Policy policy = hundred_rules();
  auto bytes = [&](std::uint64_t seed) {
    std::vector<std::vector<std::uint8_t>> frames;
    for (auto& frame : trace_of(policy, {.packets = 50, .seed = seed}).frames) {
      frames.push_back(std::move(frame.bytes));
    }
    return frames;
  };
  EXPECT_EQ(bytes(1), bytes(1));
  EXPECT_NE(bytes(1), bytes(2));
}

}  // namespace
}  // namespace xdpgate
