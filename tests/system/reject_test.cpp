// SPDX-License-Identifier: GPL-2.0-only
// What a client sees of `reject`: an error at once, not a timeout.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "tests/support/host.h"
#include "tests/support/running.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {
namespace {

// A client that believes the servers to be behind v2, where the filter is.
class RejectTest : public SystemTest,
                   public testing::WithParamInterface<Mode> {
 protected:
  void put_on_v2(const std::string& rules) {
    const auto done =
        apply(image_of("version: 1\nname: " + instance_name() +
                       "\ninterfaces: [v2]\nrules:\n" + rules),
              {instance_name(), {"v2"}, GetParam(), false});
    ASSERT_TRUE(done) << done.error().line();
    ASSERT_EQ(done->interfaces[0].mode,
              GetParam() == Mode::kNative ? "native" : "generic");
  }
  // Addresses on `interface`, and the servers' there.
  void settle_on(const Host& client, const std::string& interface) {
    client.ip({"addr", "add", "192.0.2.1/24", "dev", interface});
    client.ip({"addr", "add", "2001:db8::1/64", "dev", interface, "nodad"});
    for (const char* server : {"192.0.2.80", "2001:db8::80"}) {
      client.ip({"neigh", "add", server, "lladdr", mac_of("v2"), "dev",
                 interface});
    }
  }
};

constexpr const char* kRejectAll = "  - {name: no, action: reject}\n";

TEST_P(RejectTest, ClientsAreRefusedAtOnce) {
  const Host client("v2", "c0");
  settle_on(client, "c0");
  put_on_v2(kRejectAll);
  for (const char* server : {"192.0.2.80", "2001:db8::80"}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      EXPECT_EQ(try_to_reach(client, type, {server, 80}), ECONNREFUSED)
          << server << " type " << type;
    }
  }
  const auto now = stats(instance_name());
  ASSERT_TRUE(now) << now.error().line();
  EXPECT_GE(now->rules[0].packets, 4u);
  EXPECT_EQ(now->verdicts.at("reject").packets, now->rules[0].packets);
  EXPECT_GE(now->reject.at("answered").packets, 4u);
  EXPECT_EQ(now->reject.at("withheld").packets, 0u);
}

TEST_P(RejectTest, WhatIsBeyondALimitIsRefusedAtOnce) {
  const Host client("v2", "c0");
  settle_on(client, "c0");
  put_on_v2(
      "  - {name: few, match: {protocol: tcp}, action: drop,\n"
      "     limit: {rate: 1/d, burst: 1}, over: reject}\n");
  // The first segment is within, and lost; it is sent again after a second.
  EXPECT_EQ(try_to_reach(client, SOCK_STREAM, {"192.0.2.80", 80}),
            ECONNREFUSED);
  const auto now = stats(instance_name());
  ASSERT_TRUE(now) << now.error().line();
  ASSERT_TRUE(now->rules[0].over);
  EXPECT_GE(now->rules[0].over->packets, 1u);
  EXPECT_EQ(now->verdicts.at("drop").packets, 1u);
  EXPECT_EQ(now->verdicts.at("reject").packets, now->rules[0].over->packets);
  EXPECT_EQ(now->reject.at("answered").packets, now->rules[0].over->packets);
}

// What comes back is seen by a filter at the other end, tags and all.
TEST_P(RejectTest, AnswersKeepTheirTags) {
  const std::string here = instance_name() + "-here";
  const auto counts = apply(
      image_of("version: 1\nname: " + here + "\nrules:\n" +
               "  - name: reset\n"
               "    match: {vlan: 5, inner_vlan: 7, protocol: tcp, "
               "src: 198.51.100.2, dst: 192.0.2.1, tcp_flags: rst/rst}\n"
               "    action: count\n"
               "  - name: unreachable\n"
               "    match: {vlan: 5, inner_vlan: 7, src: 198.51.100.2, "
               "icmp_type: destination-unreachable, icmp_code: 3}\n"
               "    action: count\n"),
      {here, {"v0"}, Mode::kNative, false});
  ASSERT_TRUE(counts) << counts.error().line();
  const auto done = apply(
      image_of("version: 1\nname: " + instance_name() + "\nrules:\n" +
               kRejectAll),
      {instance_name(), {"v1"}, GetParam(), false});
  ASSERT_TRUE(done) << done.error().line();
  const Bytes tags = ether(0x88a8) + tag(5, 0x8100) + tag(7, 0x0800);
  send("v0", tags + ipv4({}, tcp()), 1);
  send("v0", tags + ipv4({.protocol = 17}, udp(8)), 1);
  const auto expect_one = [&](std::size_t rule) {
    std::uint64_t packets = 0;
    for (int tries = 0; packets == 0 && tries < 200; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      const auto now = stats(here);
      ASSERT_TRUE(now) << now.error().line();
      packets = now->rules[rule].packets;
    }
    EXPECT_EQ(packets, 1u) << "rule " << rule;
  };
  expect_one(0);
  expect_one(1);
}

// Native answers reach the other end of a veth only where XDP runs there, too.
TEST_P(RejectTest, ApplySaysWhatAVethNeeds) {
  const auto notes_of = [](const std::string& rules) {
    const auto done = apply(
        image_of("version: 1\nname: " + instance_name() + "\nrules:\n" + rules),
        {instance_name(), {"v1"}, GetParam(), false});
    EXPECT_TRUE(done) << done.error().line();
    return done ? done->notes : std::vector<std::string>{"none"};
  };
  const std::vector<std::string> note = {
      "v1: a veth delivers the answers of `reject` only where its other end has "
      "an XDP program, any (GRO is not enough); or take --mode generic"};
  EXPECT_EQ(notes_of(kRejectAll), GetParam() == Mode::kNative
                                      ? note
                                      : std::vector<std::string>{});
  EXPECT_EQ(notes_of("  - {name: no, action: drop}\n"),
            std::vector<std::string>{});
}

TEST_P(RejectTest, CountsOfAnswersSurviveASwap) {
  const Host client("v2", "c0");
  settle_on(client, "c0");
  put_on_v2(kRejectAll);
  EXPECT_EQ(try_to_reach(client, SOCK_STREAM, {"192.0.2.80", 80}),
            ECONNREFUSED);
  const auto before = stats(instance_name());
  put_on_v2("  - {name: no, match: {protocol: [tcp, udp]}, action: reject}\n");
  const auto after = stats(instance_name());
  ASSERT_TRUE(before && after);
  EXPECT_GE(before->reject.at("answered").packets, 1u);
  EXPECT_GE(after->reject.at("answered").packets,
            before->reject.at("answered").packets);
  EXPECT_EQ(try_to_reach(client, SOCK_STREAM, {"192.0.2.80", 80}),
            ECONNREFUSED);
}

INSTANTIATE_TEST_SUITE_P(Modes, RejectTest,
                         testing::Values(Mode::kNative, Mode::kGeneric),
                         [](const auto& row) {
                           return row.param == Mode::kNative ? "Native"
                                                             : "Generic";
                         });

}  // namespace
}  // namespace xdpgate::test
