// SPDX-License-Identifier: GPL-2.0-only
// Which rules a packet met, where each failed, and which came closest.
#include "explain/attempt.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/explain/explained.h"

namespace xdpgate::test {
namespace {

constexpr const char* kSsh = "tcp 192.0.2.1:1000 > 198.51.100.1:22 syn";

// "name key held/asked" each, "name +" for a match.
std::string text_of(const Policy& policy, const std::vector<Attempt>& all) {
  std::string text;
  for (const Attempt& attempt : all) {
    text += (text.empty() ? "" : ", ") + policy.rules[attempt.rule].name + " ";
    text += attempt.matched()
                ? "+"
                : fmt::format("{} {}/{}", attempt.failed, attempt.held,
                              attempt.asked);
  }
  return text;
}

TEST(Attempts, EndWithTheRuleThatDecides) {
  const Policy policy = policy_of_rules(
      {"{name: a, match: {src: 10.0.0.0/8, protocol: tcp, dst_port: 23}, "
       "action: drop}",
       "{name: b, match: {protocol: tcp}, action: count}",
       "{name: c, match: {dst_port: 22}, action: pass}",
       "{name: d, match: {}, action: drop}"});
  const auto frame = frame_of(kSsh);
  EXPECT_EQ(text_of(policy, attempts(policy, dissect(frame, ""))),
            "a src 1/3, b +, c +");
  const auto arp = frame_of("arp");
  EXPECT_EQ(text_of(policy, attempts(policy, dissect(arp, ""))),
            "a src 0/3, b protocol 0/1, c dst_port 0/1, d +");
}

// What a rule does to sets and limits is seen by the rules behind it.
TEST(Attempts, GoByLimitsAndBans) {
  const Policy policy = policy_of(
      "version: 1\n"
      "sets: {bad: {type: address, dynamic: true}}\n"
      "rules:\n"
      "  - {name: mark, match: {dst_port: 22}, action: count,\n"
      "     ban: {set: bad, for: 1m}}\n"
      "  - {name: some, match: {dst_port: 22}, action: pass,\n"
      "     limit: {rate: 1/s, burst: 1}, over: count}\n"
      "  - {name: bad, match: {src: \"@bad\"}, action: drop}\n");
  const auto frame = frame_of(kSsh);
  FilterState state(policy);
  Explanation first = explain(policy, frame, "", &state);
  EXPECT_EQ(text_of(policy, first.tried), "mark +, some +");
  EXPECT_EQ(tried_text(policy, first, 9),
            "rules tried: 2\n"
            "  rule    first key that failed            packet has\n"
            "  1 mark  matches: count\n"
            "  2 some  matches, within its limit: pass\n");
  const Explanation second = explain(policy, frame, "", &state);
  EXPECT_EQ(text_of(policy, second.tried), "mark +, some +, bad +");
  EXPECT_TRUE(second.tried.at(1).is_over);
  EXPECT_EQ(outcome_text(policy, first_given(second.answers)),
            "drop by rule `bad`, counted by `mark`, `some`");
}

TEST(Attempts, AreNoneWhereTheClassDecides) {
  const std::string rules = "rules: [{name: a, action: pass}]\n";
  const auto frame = frame_of(std::string(kSsh) + " at ip+0 44");
  const Packet packet = dissect(frame, "");
  ASSERT_EQ(packet.packet_class, XG_CLASS_IPV4_IHL);
  EXPECT_TRUE(attempts(policy_of("version: 1\n" + rules), packet).empty());
  const auto seen = policy_of("version: 1\nmalformed: match\n" + rules);
  EXPECT_EQ(text_of(seen, attempts(seen, packet)), "a +");
}

TEST(Closest, HasMostKeysAndAllThatMatched) {
  const Policy policy = policy_of_rules(
      {"{name: none, match: {ttl: 1}, action: drop}",
       "{name: two, match: {protocol: tcp, dst_port: 22, ttl: 1}, action: "
       "drop}",
       "{name: one, match: {protocol: tcp, ttl: 1}, action: drop}",
       "{name: far, match: {protocol: tcp, ttl: 1, ecn: ce}, action: drop}",
       "{name: seen, match: {}, action: count}",
       "{name: end, match: {}, action: drop}"});
  const auto frame = frame_of(kSsh);
  const auto all = attempts(policy, dissect(frame, ""));
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(text_of(policy, closest(all, 0)), "seen +, end +");
  EXPECT_EQ(text_of(policy, closest(all, 4)),
            "two ttl 2/3, one ttl 1/2, seen +, end +");
  EXPECT_EQ(text_of(policy, closest(all, 100)), text_of(policy, all));
}

struct Row {
  const char* keys;
  const char* packet;
  const char* asked;
  const char* found;
};

TEST(Contrast, ShowsBothSides) {
  const Row rows[] = {
      {"dst_port: 23", kSsh, "23", "22"},
      {"port: {not: [22, 80]}", kSsh, "{not: [22, 80]}", "1000 > 22"},
      {"icmp_type: echo-request", "icmp 192.0.2.1 > 192.0.2.2 echo-reply",
       "echo-request", "echo-reply"},
      {"icmp_type: packet-too-big", "icmp6 2001:db8::1 > 2001:db8::2",
       "packet-too-big (ICMPv6)", "echo-request"},
      {"payload: {at: l4, bytes: \"ff\"}", kSsh,
       "{at: l4, offset: 0, bytes: ff, mask: ff}", "03"},
      {"src_port: [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, "
       "65530]",
       kSsh, "[1, 3, 5, 7, 9, 11, 13, 15, 17, ..., 65530]", "1000"},
      {"ethertype: arp", kSsh, "arp", "ipv4"},
      {"vlan: 5", kSsh, "5", "none"},
  };
  for (const Row& row : rows) {
    const Policy policy = policy_of_rules(
        {fmt::format("{{name: a, match: {{{}}}, action: pass}}", row.keys)});
    const auto frame = frame_of(row.packet);
    const Packet packet = dissect(frame, "");
    const Contrast both =
        contrast(policy, attempts(policy, packet).at(0), packet);
    EXPECT_EQ(both.asked, row.asked) << row.keys;
    EXPECT_EQ(both.found, row.found) << row.keys;
  }
}

}  // namespace
}  // namespace xdpgate::test
