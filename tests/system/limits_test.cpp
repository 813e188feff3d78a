// SPDX-License-Identifier: GPL-2.0-only
// Limits and bans of a running filter, under real traffic.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::uint16_t kPort = 7;

// A rule of that name which passes within its limit.
std::string limited(const std::string& name, const std::string& limit,
                    const std::string& more = "") {
  return fmt::format(
      "{{name: {}, match: {{protocol: udp, dst_port: {}}}, action: pass, limit: "
      "{{{}}}{}}}",
      name, kPort, limit, more);
}

std::string with_set(const std::string& text, int size) {
  std::string result = text;
  return result.insert(
      text.find("rules:"),
      fmt::format("sets:\n  banned: {{type: address, dynamic: true, size: {}}}\n",
                  size));
}

// udp_to(kPort) from 10.X.Y.Z.
Bytes from(std::uint32_t host) {
  Bytes frame = udp_to(kPort);
  frame[26] = 10;
  frame[27] = static_cast<std::uint8_t>(host >> 16);
  frame[28] = static_cast<std::uint8_t>(host >> 8);
  frame[29] = static_cast<std::uint8_t>(host);
  return frame;
}

class LimitsTest : public SystemTest {
 protected:
  static void apply_text(const std::string& text) {
    const Finished done = tool({"apply", write_file("p.yaml", text)});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }

  static Json stats_json() {
    const Finished done = tool({"stats", "--json"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return Json::parse(done.out);
  }

  // What rule number `rule` has let through, once `packets` were judged.
  static std::uint64_t within(std::uint64_t packets, int rule = 0) {
    (void)counts_after(packets);
    return stats_json()["rules"][rule]["within"]["packets"];
  }

  static std::string elements() {
    return tool({"set", "list", "banned"}).out;
  }
};

TEST_F(LimitsTest, HoldUnderTraffic) {
  const std::uint64_t start = boottime_ns();
  apply_text(policy_text({limited("r", "rate: 1000/s, burst: 100")}));
  Sink sink("v1");
  Traffic traffic("v0", {udp_to(kPort)});
  std::this_thread::sleep_for(std::chrono::seconds(1));
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts counts = counts_after(arrived);
  const double seconds = static_cast<double>(boottime_ns() - start) / 1e9;
  sink.stop();
  const Json rule = stats_json()["rules"][0];
  const std::uint64_t within = rule["within"]["packets"];
  EXPECT_EQ(rule["packets"], arrived);
  EXPECT_EQ(rule["over"]["packets"], arrived - within);
  EXPECT_EQ(rule["over"]["bytes"], (arrived - within) * udp_to(kPort).size());
  EXPECT_LE(static_cast<double>(within), 100 + 1'000 * seconds);
  EXPECT_GE(within, std::min<std::uint64_t>(arrived, 100));
  EXPECT_EQ(sink.to(kPort) + sink.missed(), within);
  EXPECT_EQ(counts.verdicts.at("pass").packets, within);
  EXPECT_EQ(counts.verdicts.at("drop").packets, arrived - within);
}

TEST_F(LimitsTest, StateSurvivesAnApplyThatKeepsRuleAndLimit) {
  const std::string mine = limited("r", "rate: 1/h, burst: 3, per: src");
  apply_text(policy_text({mine}));
  send("v0", from(1), 5);
  EXPECT_EQ(within(5), 3u);
  // Another limit ahead: its buckets lie elsewhere.
  apply_text(policy_text({limited("other", "rate: 1/h, burst: 1, size: 100, "
                                           "per: dst", ", over: count"),
                          mine}));
  send("v0", from(1), 4);
  EXPECT_EQ(within(9, 1), 3u);
  send("v0", from(2), 1);
  EXPECT_EQ(within(10, 1), 4u);
  apply_text(policy_text({limited("r", "rate: 1/h, burst: 4, per: src")}));
  send("v0", from(1), 5);
  EXPECT_EQ(within(15), 8u);
}

TEST_F(LimitsTest, AFloodOfSourcesFreesNoOffender) {
  apply_text(policy_text(
      {limited("r", "rate: 1/h, burst: 2, per: src, size: 16")}));
  send("v0", from(1), 10);
  EXPECT_EQ(within(10), 2u);
  PacketSocket& socket = socket_on("v0");
  constexpr std::uint32_t kSpoofed = 20'000;
  for (std::uint32_t host = 2; host < kSpoofed + 2; ++host) {
    test::send(socket, from(host), 1);
  }
  // Four ways in each of 16 buckets, with a burst each.
  const std::uint64_t passed = within(10 + kSpoofed);
  EXPECT_LE(passed, 4u * 16 * 2);
  EXPECT_GE(passed, 64u);
  send("v0", from(1), 10);
  EXPECT_EQ(within(20 + kSpoofed), passed);
}

TEST_F(LimitsTest, ABanHealsByItself) {
  apply_text(with_set(
      policy_text({"{name: banned, match: {src: \"@banned\"}, action: drop}",
                   limited("r", "rate: 1/h, burst: 3, per: src",
                           ", ban: {set: banned, for: 2s}")}),
      10));
  send("v0", from(1), 3);
  (void)counts_after(3);
  EXPECT_EQ(elements(), "");
  send("v0", from(1), 1);  // beyond the limit
  send("v0", from(1), 4);
  const Counts counts = counts_after(8);
  EXPECT_EQ(counts.packets("banned"), 4u);
  EXPECT_EQ(counts.packets("r"), 4u);
  EXPECT_THAT(elements(), testing::MatchesRegex("10.0.0.1 # [12]s left\n"));
  send("v0", from(2), 1);
  EXPECT_EQ(counts_after(9).packets("r"), 5u);
  ASSERT_EQ(tool({"set", "del", "banned", "10.0.0.1"}).exit_code, 0);
  send("v0", from(1), 1);  // back to the limit, and banned again
  EXPECT_EQ(counts_after(10).packets("r"), 6u);
  std::this_thread::sleep_for(std::chrono::milliseconds(2'100));
  EXPECT_EQ(elements(), "");
  send("v0", from(1), 1);
  EXPECT_EQ(counts_after(11).packets("r"), 7u);
}

TEST_F(LimitsTest, ABanThatFindsTheSetFullIsCounted) {
  apply_text(with_set(policy_text({fmt::format(
                          "{{name: r, match: {{dst_port: {}}}, action: drop, "
                          "ban: {{set: banned, for: 1h}}}}",
                          kPort)}),
                      4));
  for (std::uint32_t host = 1; host <= 6; ++host) send("v0", from(host), 2);
  (void)counts_after(12);
  EXPECT_EQ(stats_json()["ban_full"]["packets"], 4);
  const Finished text = tool({"stats"});
  EXPECT_THAT(text.out, testing::HasSubstr("(not banned: set full)"));
  EXPECT_EQ(std::ranges::count(elements(), '\n'), 4);
  // The queue of bans passes on: what expires makes room after an apply, too.
  ASSERT_EQ(tool({"set", "flush", "banned"}).exit_code, 0);
}

// Whoever has put it there, and whether or not the set was one for bans then.
TEST_F(LimitsTest, WhatHasExpiredMakesRoomForABan) {
  const std::string plain = with_set(
      policy_text({"{name: in, match: {src: \"@banned\"}, action: drop}"}), 4);
  const std::string bans = with_set(
      policy_text({fmt::format("{{name: r, match: {{dst_port: {}}}, action: "
                               "drop, ban: {{set: banned, for: 1h}}}}",
                               kPort)}),
      4);
  const Words add = {"set",          "add",          "banned",
                     "198.51.100.1", "198.51.100.2", "198.51.100.3",
                     "198.51.100.4", "--timeout",    "100ms"};
  const auto has_room = [&](std::uint32_t host, std::uint64_t packets) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    send("v0", from(host), 1);
    (void)counts_after(packets);
    EXPECT_THAT(elements(),
                testing::StartsWith(fmt::format("10.0.0.{} #", host)));
    EXPECT_EQ(stats_json()["ban_full"]["packets"], 0);
    EXPECT_EQ(tool({"set", "flush", "banned"}).exit_code, 0);
  };
  apply_text(plain);
  EXPECT_EQ(tool(add).exit_code, 0);
  apply_text(bans);  // the set gets its queue now
  has_room(1, 1);
  EXPECT_EQ(tool(add).exit_code, 0);
  has_room(2, 2);
  Words load = add;
  load[1] = "load";
  EXPECT_EQ(tool(load).exit_code, 0);
  has_room(3, 3);
}

TEST_F(LimitsTest, StatsShowBoth) {
  apply_text(policy_text({limited("r", "rate: 1/h, burst: 3")}));
  send("v0", from(1), 5);
  (void)counts_after(5);
  const Finished text = tool({"stats"});
  EXPECT_THAT(text.out, testing::ContainsRegex("\nr +5 +300 +100.0 %"));
  EXPECT_THAT(text.out, testing::ContainsRegex("\nr \\(within\\) +3 +180 "));
  EXPECT_THAT(text.out, testing::ContainsRegex("\nr \\(over\\) +2 +120 "));
}

}  // namespace
}  // namespace xdpgate::test
