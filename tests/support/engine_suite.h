// SPDX-License-Identifier: GPL-2.0-only
// What every Engine must do: the fate of each kind of packet, and the counts
// it leaves behind. Included by one file of a test program, which instantiates
// EngineSuite with the engine it is about.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/support/hostile_frames.h"
#include "tests/support/privilege.h"
#include "tests/support/small_image.h"

namespace xdpgate::test {

/// An engine to test.
struct EngineKind {
  std::function<Result<std::unique_ptr<Engine>>(Image)> make;
  bool needs_bpf = false;
};

/// The counters that are not 0: "default 2/108, class 13 1/54, rule 0 1/54".
inline std::string counts_text(const std::vector<xg_counter>& counters) {
  std::string text;
  for (std::size_t slot = 0; slot < counters.size(); ++slot) {
    const auto& [packets, bytes] = counters[slot];
    if (packets == 0 && bytes == 0) continue;
    text += text.empty() ? "" : ", ";
    text += slot == XG_SLOT_DEFAULT ? "default"
            : slot < XG_SLOT_RULE
                ? fmt::format("class {}", slot - XG_SLOT_CLASS)
                : fmt::format("rule {}", slot - XG_SLOT_RULE);
    text += fmt::format(" {}/{}", packets, bytes);
  }
  return text;
}

class EngineSuite : public testing::TestWithParam<EngineKind> {
 protected:
  void SetUp() override {
    if (GetParam().needs_bpf) XG_NEED_BPF();
  }
  void start(const SmallImage& small) {
    auto engine = GetParam().make(build(small));
    ASSERT_TRUE(engine) << engine.error().line();
    engine_ = std::move(*engine);
  }
  Decision judge(const Bytes& frame) {
    auto decision = engine_->judge(frame, 1);
    EXPECT_TRUE(decision) << decision.error().line();
    return decision.value_or(Decision());
  }
  std::vector<xg_counter> counters() {
    auto all = engine_->counters();
    EXPECT_TRUE(all) << all.error().line();
    return all.value_or(std::vector<xg_counter>(XG_SLOT_RULE));
  }
  std::string counts() { return counts_text(counters()); }

  std::unique_ptr<Engine> engine_;
};

inline const Bytes kTcp = ether(0x0800) + ipv4({}, tcp());
inline const Bytes kUdp6 = ether(0x86dd) + ipv6({.next = 17}, udp(8));
inline const Bytes kArp = ether(0x0806) + zeros(28);
/// TCP, too short: 34 bytes.
inline const Bytes kMalformed = ether(0x0800) + ipv4({});

constexpr SmallRule kAny = {.action = XG_PASS};
constexpr SmallRule kDropTcp = {XG_DROP, XG_F_PROTO | 0xff, XG_F_PROTO | 6};
constexpr SmallRule kPassUdp = {XG_PASS, XG_F_PROTO | 0xff, XG_F_PROTO | 17};

inline Decision by_rule(xg_verdict verdict, std::uint32_t rule) {
  return {verdict, XG_CLASS_OK, rule};
}

TEST_P(EngineSuite, DefaultDecides) {
  for (auto verdict : {XG_PASS, XG_DROP}) {
    start({.default_action = verdict});
    for (const auto& frame : {kTcp, kUdp6, kArp}) {
      EXPECT_EQ(judge(frame), (Decision{verdict, XG_CLASS_OK, {}}));
    }
    EXPECT_EQ(counts(), "default 3/158");
  }
}

TEST_P(EngineSuite, FirstRuleDecides) {
  start({.default_action = XG_DROP, .rules = {kDropTcp, kPassUdp, kDropTcp}});
  EXPECT_EQ(judge(kTcp), by_rule(XG_DROP, 0));
  EXPECT_EQ(judge(kUdp6), by_rule(XG_PASS, 1));
  EXPECT_EQ(judge(kArp), (Decision{XG_DROP, XG_CLASS_OK, {}}));
  EXPECT_EQ(counts(), "default 1/42, rule 0 1/54, rule 1 1/62");
}

TEST_P(EngineSuite, CountRulesCountAndGoOn) {
  SmallRule count_any = kAny, count_tcp = kDropTcp;
  count_any.action = count_tcp.action = XG_COUNT;
  start({.features = XG_HAS_COUNT,
         .rules = {count_any, kPassUdp, count_tcp, count_any}});
  EXPECT_EQ(judge(kTcp), Decision());
  EXPECT_EQ(judge(kUdp6), by_rule(XG_PASS, 1));
  EXPECT_EQ(counts(),
            "default 1/54, rule 0 2/116, rule 1 1/62, rule 2 1/54, "
            "rule 3 1/54");
}

TEST_P(EngineSuite, MalformedIsJudgedByItsClass) {
  for (auto verdict : {XG_PASS, XG_DROP}) {
    start({.malformed = static_cast<std::uint32_t>(verdict), .rules = {kAny}});
    EXPECT_EQ(judge(kMalformed),
              (Decision{verdict, XG_CLASS_TCP_SHORT, {}}));
    EXPECT_EQ(counts(), fmt::format("class {} 1/34",
                                    static_cast<int>(XG_CLASS_TCP_SHORT)));
  }
}

TEST_P(EngineSuite, MalformedMatchCountsTwice) {
  start({.default_action = XG_DROP,
         .malformed = XG_MALFORMED_MATCH,
         .rules = {kDropTcp}});
  EXPECT_EQ(judge(kMalformed), (Decision{XG_DROP, XG_CLASS_TCP_SHORT, 0}));
  EXPECT_EQ(judge(cut(kTcp, 20)), (Decision{XG_DROP, XG_CLASS_IPV4_SHORT, {}}));
  EXPECT_EQ(counts(), fmt::format("default 1/20, class {} 1/20, class {} 1/34, "
                                  "rule 0 1/34",
                                  static_cast<int>(XG_CLASS_IPV4_SHORT),
                                  static_cast<int>(XG_CLASS_TCP_SHORT)));
}

TEST_P(EngineSuite, FramesBelowAnEthernetHeaderCountToo) {
  start({.malformed = XG_PASS});
  for (std::size_t size = 0; size < 15; ++size) {
    EXPECT_EQ(judge(cut(kArp, size)).packet_class,
              size < 14 ? XG_CLASS_ETHER_SHORT : XG_CLASS_OK);
  }
  EXPECT_EQ(counts(), fmt::format("default 1/14, class {} 14/91",
                                  static_cast<int>(XG_CLASS_ETHER_SHORT)));
}

// Counters lie in chunks; the last rule's is in the third.
TEST_P(EngineSuite, EveryRuleHasItsCounter) {
  std::vector<SmallRule> rules(600, {XG_DROP, XG_F_IPV4, XG_F_IPV6});
  rules[100] = kDropTcp;
  rules.back() = kPassUdp;
  start({.features = XG_HAS_LONG, .rules = rules});
  EXPECT_EQ(judge(kTcp), by_rule(XG_DROP, 100));
  EXPECT_EQ(judge(kUdp6), by_rule(XG_PASS, 599));
  EXPECT_EQ(counters().size(), XG_SLOT_RULE + 600u);
  EXPECT_EQ(counts(), "rule 100 1/54, rule 599 1/62");
}

TEST_P(EngineSuite, LargeFrameCountsAllItsBytes) {
  start({});
  judge(ether(0x0806) + zeros(9'000));
  judge(ether(0x0806) + zeros(65'535));
  judge(ether(0x0806) + zeros(100'000));
  EXPECT_EQ(counts(), fmt::format("default 3/{}", 174'535 + 3 * 14));
}

TEST_P(EngineSuite, EveryPacketCountsOnce) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  HostileFrames frames(seed);
  start({.rules = {kDropTcp, kPassUdp}});
  xg_counter given{}, counted{};
  for (int round = 0; round < 5'000; ++round) {
    const Bytes frame = frames.next();
    judge(frame);
    ++given.packets;
    given.bytes += frame.size();
  }
  for (const auto& slot : counters()) {
    counted.packets += slot.packets;
    counted.bytes += slot.bytes;
  }
  EXPECT_EQ(counted.packets, given.packets);
  EXPECT_EQ(counted.bytes, given.bytes);
}

}  // namespace xdpgate::test
