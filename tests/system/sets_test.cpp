// SPDX-License-Identifier: GPL-2.0-only
// Dynamic sets of a running filter, by the command and under traffic.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/dice.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/syscall_gate.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr const char* kSender = "192.0.2.1";  // of udp_to()
constexpr std::uint16_t kPort = 7;

// Drops what set `banned` holds; `sets` and `rules` go beside it.
std::string policy(const std::string& banned = "size: 3",
                   const std::string& sets = "", const Words& rules = {}) {
  Words all = {"{name: drop-banned, match: {src: \"@banned\"}, action: drop}"};
  all.insert(all.end(), rules.begin(), rules.end());
  std::string text = policy_text(all);
  const std::string section = fmt::format(
      "sets:\n{}  banned: {{type: address, dynamic: true, {}}}\n", sets, banned);
  return text.insert(text.find("rules:"), section);
}

class Sets : public SystemTest {
 protected:
  void apply_text(const std::string& text) {
    const Finished done = tool({"apply", write_file("p.yaml", text)});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }

  // `xdpgate set WORDS`, which must go well; what it prints.
  static std::string set(Words words) {
    words.insert(words.begin(), "set");
    const Finished done = tool(words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return done.out;
  }

  // The same where it must fail with code 3; its complaint.
  static std::string refused(Words words) {
    words.insert(words.begin(), "set");
    const Finished done = tool(words);
    EXPECT_EQ(done.exit_code, 3) << done.out;
    EXPECT_EQ(done.out, "");
    return done.err;
  }

  static std::string elements() {
    return set({"list", "banned"});
  }

  // Sends `count` packets from kSender; how many of them were dropped.
  std::uint64_t dropped_of(int count) {
    const Counts before = counts();
    send("v0", udp_to(kPort), count);
    const Counts after =
        counts_after(before.judged() + static_cast<std::uint64_t>(count));
    return after.packets("drop-banned") - before.packets("drop-banned");
  }
};

TEST_F(Sets, ChangeWhatTheRunningFilterDoes) {
  apply_text(policy());
  EXPECT_EQ(elements(), "");
  EXPECT_EQ(dropped_of(5), 0u);
  EXPECT_EQ(set({"add", "banned", kSender}), "banned: 1 added\n");
  EXPECT_EQ(dropped_of(5), 5u);
  EXPECT_EQ(set({"add", "banned", kSender, "2001:db8::/32"}),
            "banned: 1 added, 1 renewed\n");
  EXPECT_EQ(elements(), "192.0.2.1\n2001:db8::/32\n");
  EXPECT_EQ(set({"del", "banned", kSender}), "banned: 1 removed\n");
  EXPECT_EQ(dropped_of(5), 0u);
  EXPECT_EQ(set({"load", "banned", "192.0.0.0/16", "10.0.0.0-10.0.0.2"}),
            "banned: 3 loaded\n");
  EXPECT_EQ(elements(), "10.0.0.0/31\n10.0.0.2\n192.0.0.0/16\n");
  EXPECT_EQ(dropped_of(5), 5u);
  EXPECT_EQ(set({"flush", "banned"}), "banned: 0 left\n");
  EXPECT_EQ(dropped_of(5), 0u);
  set({"add", "banned", kSender, "192.0.2.9"});
  EXPECT_THAT(set({"flush", "banned", "--json"}),
              testing::HasSubstr("\"changed\":2"));
}

TEST_F(Sets, ElementsExpireByThemselves) {
  apply_text(policy("size: 3, timeout: 1h"));
  set({"add", "banned", kSender, "--timeout", "2s"});
  EXPECT_EQ(dropped_of(3), 3u);
  std::this_thread::sleep_for(std::chrono::milliseconds(2'100));
  EXPECT_EQ(dropped_of(3), 0u);
  EXPECT_EQ(elements(), "");
  EXPECT_NE(refused({"del", "banned", kSender}).find("it is not in"),
            std::string::npos);
  set({"add", "banned", kSender});
  EXPECT_EQ(elements(), "192.0.2.1 # 1h left\n");
  const Json json = Json::parse(set({"list", "banned", "--json"}));
  EXPECT_EQ(json["set"], "banned");
  EXPECT_EQ(json["size"], 3);
  EXPECT_EQ(json["timeout_s"], 3600.0);
  EXPECT_EQ(json["elements"][0]["element"], kSender);
  EXPECT_GT(json["elements"][0]["remaining_s"], 3400.0);
  set({"add", "banned", "10.0.0.1", "--timeout", "none"});
  const Json stays = Json::parse(set({"list", "banned", "--json"}));
  EXPECT_TRUE(stays["elements"][0]["remaining_s"].is_null());
  EXPECT_EQ(Json::parse(set({"list", "--json"}))[0]["elements"], 2);
}

TEST_F(Sets, AFullSetRefusesAndKeepsWhatItHad) {
  apply_text(policy());
  set({"add", "banned", "10.0.0.1", "10.0.0.2"});
  EXPECT_EQ(refused({"add", "banned", "10.0.0.2", "10.0.0.3", "10.0.0.4",
                     "--timeout", "1h"}),
            fmt::format("xdpgate: add to the set `banned` of `{}`: it holds at "
                        "most 3 elements, and not all of the 3 fit; nothing "
                        "was added; take some out, or raise its `size` in "
                        "the policy\n",
                        instance_name()));
  EXPECT_EQ(elements(), "10.0.0.1\n10.0.0.2\n");
  EXPECT_EQ(refused({"load", "banned", "10.0.0.1-10.0.0.15"}),
            fmt::format("xdpgate: load the set `banned` of `{}`: there are 4 "
                        "elements, and its size is 3; it keeps what it had; "
                        "raise its `size` in the policy\n",
                        instance_name()));
  EXPECT_EQ(elements(), "10.0.0.1\n10.0.0.2\n");
  // What has expired makes room.
  set({"load", "banned", "10.0.0.1", "10.0.0.2", "10.0.0.3", "--timeout",
       "100ms"});
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  set({"add", "banned", "10.0.0.4", "10.0.0.5", "10.0.0.6"});
  EXPECT_EQ(elements(), "10.0.0.4\n10.0.0.5\n10.0.0.6\n");
}

TEST_F(Sets, ContentSurvivesAnApplyThatKeepsTheName) {
  apply_text(policy());
  set({"add", "banned", kSender, "10.0.0.0/8"});
  // A set ahead of it: its number changes.
  const std::string other = "  other: {type: address, dynamic: true}\n";
  const Words uses = {"{name: o, match: {src: \"@other\"}, action: count}"};
  apply_text(policy("size: 3", other, uses));
  EXPECT_EQ(elements(), "10.0.0.0/8\n192.0.2.1\n");
  EXPECT_EQ(dropped_of(4), 4u);
  set({"add", "other", "10.9.9.9"});
  // Another size: other maps, the same content.
  apply_text(policy("size: 100", other, uses));
  EXPECT_EQ(elements(), "10.0.0.0/8\n192.0.2.1\n");
  EXPECT_EQ(set({"list", "other"}), "10.9.9.9\n");
  EXPECT_EQ(dropped_of(4), 4u);
  const Finished small =
      tool({"apply", write_file("small.yaml", policy("size: 1"))});
  EXPECT_EQ(small.exit_code, 3);
  EXPECT_EQ(small.err,
            "xdpgate: resize the set `banned`: it has 2 elements, and the new "
            "size is 1; take some out first, by `xdpgate set del` or `set "
            "load`\n");
  EXPECT_EQ(dropped_of(4), 4u);
  // Without the set, its content goes.
  apply_text(policy_text({port_rule("p", 1, "drop")}));
  EXPECT_NE(refused({"list", "banned"}).find("`dynamic: true`"),
            std::string::npos);
  apply_text(policy());
  EXPECT_EQ(elements(), "");
}

TEST_F(Sets, ReplacingLosesNoElementThatBothContentsHave) {
  apply_text(policy("size: 1000"));
  set({"add", "banned", kSender});
  Traffic traffic("v0", {udp_to(kPort)});
  for (int i = 0; i < 40; ++i) {
    // Once as a host, once inside of a prefix.
    set({"load", "banned", i % 2 == 0 ? "192.0.2.0/24" : kSender,
         fmt::format("10.0.{}.0/28", i)});
    set({"add", "banned", fmt::format("172.16.{}.0/{}", i, 24 + i % 8)});
  }
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts counts = counts_after(arrived);
  EXPECT_GT(arrived, 1'000u);
  EXPECT_EQ(counts.packets("drop-banned"), arrived);
}

TEST_F(Sets, AddingWhilePacketsArriveLosesNone) {
  apply_text(policy("size: 5000"));
  Traffic traffic("v0", {udp_to(kPort)});
  std::string all;
  for (int i = 0; i < 60; ++i) {
    Words words = {"add", "banned"};
    for (int j = 0; j < 50; ++j) words.push_back(fmt::format("10.1.{}.{}", i, j));
    set(words);
    for (int j = 0; j < 50; ++j) all += fmt::format("10.1.{}.{}\n", i, j);
  }
  traffic.stop();
  EXPECT_EQ(elements(), all);
}

TEST_F(Sets, AKillDuringALoadLeavesTheOldContentOrTheNew) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Dice dice(seed);
  apply_text(policy("size: 30000"));
  std::string texts[2];
  std::string files[2];
  for (int k = 0; k < 2; ++k) {
    for (int i = 0; i < 20'000; ++i) {
      texts[k] += fmt::format("10.{}.{}.{}\n", k, i / 200, i % 200);
    }
    files[k] = write_file(fmt::format("{}.txt", k), texts[k]);
  }
  const auto start = std::chrono::steady_clock::now();
  set({"load", "banned", "--file", files[0]});
  const auto typical = std::chrono::steady_clock::now() - start;
  const auto longest = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(typical).count());
  int now = 0, killed = 0, changed = 0;
  for (int i = 0; i < 40; ++i) {
    Child child = Child::start(
        tool_argv({"set", "load", "banned", "--file", files[1 - now]}));
    std::this_thread::sleep_for(
        std::chrono::microseconds(dice.between(longest / 4, longest)));
    child.signal(SIGKILL);
    const auto finished = child.wait(Milliseconds(60'000));
    ASSERT_TRUE(finished);
    killed += finished->exit_code == -SIGKILL;
    const std::string content = elements();
    ASSERT_TRUE(content == texts[0] || content == texts[1]) << content.size();
    changed += content == texts[1 - now];
    if (content == texts[1 - now]) now = 1 - now;
  }
  fmt::print("{} of 40 loads killed, {} had changed the set\n", killed, changed);
  EXPECT_GT(killed, 4);
}

TEST_F(Sets, AKillDuringAnApplyThatResizesLosesNoElement) {
  const Words files = {write_file("a.yaml", policy("size: 10")),
                       write_file("b.yaml", policy("size: 20"))};
  apply_text(policy("size: 10"));
  set({"add", "banned", kSender, "10.0.0.0/8"});
  const auto calls = run_gated(tool_argv({"apply", files[1]}), {}).calls.size();
  ASSERT_GT(calls, 20u);
  // The commit and what follows it lie in the second half.
  for (std::size_t at = calls / 2; at < calls; ++at) {
    const auto& next = files[at % 2];
    const Gated gated =
        run_gated(tool_argv({"apply", next}), {.at = static_cast<int>(at)});
    (void)gated;
    ASSERT_EQ(elements(), "10.0.0.0/8\n192.0.2.1\n") << "killed at " << at;
    const Finished again = tool({"apply", next});
    ASSERT_EQ(again.exit_code, 0) << again.err;
    ASSERT_EQ(elements(), "10.0.0.0/8\n192.0.2.1\n") << "after " << at;
  }
  EXPECT_EQ(dropped_of(3), 3u);
}

TEST_F(Sets, MisuseIsExplained) {
  apply_text(policy("size: 10"));
  set({"add", "banned", "10.0.0.0/8"});
  EXPECT_EQ(refused({"add", "baned", "10.0.0.1"}),
            fmt::format("xdpgate: find the set `baned`: `{}` has no dynamic "
                        "set of that name; did you mean `banned`?\n",
                        instance_name()));
  EXPECT_EQ(refused({"del", "banned", "10.0.0.1"}),
            fmt::format("xdpgate: remove `10.0.0.1`: it is not in the set "
                        "`banned` of `{}`; it is inside of 10.0.0.0/8; nothing "
                        "was removed\n",
                        instance_name()));
  EXPECT_EQ(refused({"list", "banned", "--name", "nobody"}),
            fmt::format("xdpgate: find `nobody`: no such instance; these run: "
                        "{}\n",
                        instance_name()));
  const std::string file = write_file("bad.txt", "10.0.0.1\n10.0.0.300 # x\n");
  const Finished bad = tool({"set", "load", "banned", "--file", file});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_EQ(bad.err,
            file + ":2:1: error: `10.0.0.300` is not an IP address\n"
                   "  hint: four numbers 0-255 without leading zeros\n");
  const Finished meant = tool({"set", "load", "banned", file});
  EXPECT_EQ(meant.exit_code, 2);
  EXPECT_EQ(meant.err,
            fmt::format("xdpgate set: `{0}` is not an IP address; `--file {0}` "
                        "reads elements from a file\n",
                        file));
  EXPECT_EQ(elements(), "10.0.0.0/8\n");
}

}  // namespace
}  // namespace xdpgate::test
