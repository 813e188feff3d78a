// SPDX-License-Identifier: GPL-2.0-only
// A policy that waits to be confirmed: the kernel returns to the one before by
// itself, counts stay exact whichever generation took them, and the next
// command says what happened.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <net/if.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "bpf/link.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr std::uint16_t kDropped = 1, kPassed = 2, kTelling = 3;

class Confirm : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char* telling : {"pass", "drop"}) {
      files_[telling] = write_file(
          fmt::format("{}.yaml", telling),
          policy_text({port_rule("dropped", kDropped, "drop"),
                       port_rule("passed", kPassed, "pass"),
                       port_rule("telling", kTelling, telling)}));
    }
  }

  // Runs the tool, which does it.
  static std::string done(const std::vector<std::string>& words) {
    const Finished finished = tool(words);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return finished.out;
  }
  static std::string refused(const std::vector<std::string>& words) {
    const Finished finished = tool(words);
    EXPECT_EQ(finished.exit_code, 3) << finished.out;
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
    return finished.err;
  }
  static Json status_json() {
    return Json::parse(done({"status", "--json"})).at(0);
  }
  static std::size_t generations_pinned() {
    return static_cast<std::size_t>(std::ranges::count_if(
        tree(pins_of(instance_name())), [](const std::string& path) {
          return path.starts_with("gen-") && path.ends_with("/prog");
        }));
  }
  void send_all(int count) {
    for (std::uint16_t port : {kDropped, kPassed, kTelling}) {
      send("v0", udp_to(port), count);
    }
    sent_ += 3u * static_cast<unsigned>(count);
  }

  std::map<std::string, std::string> files_;
  std::uint64_t sent_ = 0;
};

// Until the policy that passes it is in force, a minute at most; nothing of
// xdpgate runs meanwhile.
bool is_passed_again(PacketSocket& from, PacketSocket& receiver,
                     const Bytes& frame, std::uint64_t& sent) {
  for (int tries = 0; tries < 600; ++tries) {
    EXPECT_TRUE(from.send(frame));
    ++sent;
    ::usleep(100'000);
    while (auto got = receiver.receive()) {
      if (port_of(*got) == port_of(frame)) return true;
    }
  }
  return false;
}

TEST_F(Confirm, KeepsThePolicyAndAllCounts) {
  done({"apply", files_["pass"]});
  send_all(5);
  EXPECT_THAT(done({"apply", files_["drop"], "--confirm", "10m"}),
              HasSubstr("generation 2 waits for `xdpgate confirm`, 10m left; "
                        "then generation 1 comes back\n"));
  send_all(7);
  const Counts pending = counts_after(sent_);
  EXPECT_EQ(pending.packets("telling"), 12u);
  EXPECT_EQ(pending.judged(), sent_);
  const Json waiting = status_json()["lease"];
  EXPECT_EQ(waiting["state"], "pending");
  EXPECT_EQ(waiting["before"], 1);
  EXPECT_GT(waiting["remaining_s"], 1);
  EXPECT_LE(waiting["remaining_s"], 600);
  EXPECT_EQ(done({"confirm"}),
            instance_name() + ": generation 2 stays in force\n");
  send_all(3);
  const Counts kept = counts_after(sent_);
  EXPECT_EQ(kept.packets("telling"), 15u);
  EXPECT_EQ(kept.verdicts.at("drop").packets, 15u + 7 + 3);
  EXPECT_EQ(kept.judged(), sent_);
  EXPECT_EQ(kept.generation, 2u);
  EXPECT_TRUE(status_json()["lease"].is_null());
  EXPECT_EQ(refused({"confirm"}),
            fmt::format("xdpgate: confirm `{}`: no policy of it waits for "
                        "that; `xdpgate apply POLICY --confirm 60s` makes one "
                        "wait\n",
                        instance_name()));
}

// The shell is killed, and no process of xdpgate is left.
TEST_F(Confirm, ReturnsByItselfWhenTheShellHasDied) {
  done({"apply", files_["pass"]});
  Sink sink("v1");
  Traffic traffic("v0", {udp_to(kDropped), udp_to(kPassed), udp_to(kTelling)});
  const std::string line =
      fmt::format("{} apply {} --confirm 3s; exec sleep 300",
                  tool_argv({})[0], files_["drop"]);
  {
    Child shell = Child::start({"sh", "-c", line});
    for (int i = 0; i < 6000 && counts_as_they_are().generation != 2; ++i) {
      ::usleep(10'000);
    }
    shell.signal(SIGKILL);
    ASSERT_TRUE(shell.wait(Milliseconds(60'000)));
  }
  // What the new policy drops passes again, by the kernel alone.
  ::usleep(300'000);
  const std::uint64_t before = sink.to(kTelling);
  for (int i = 0; i < 600 && sink.to(kTelling) == before; ++i) {
    ::usleep(100'000);
  }
  EXPECT_GT(sink.to(kTelling), before);
  ::usleep(100'000);
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts unsettled = counts_as_they_are();
  EXPECT_EQ(unsettled.generation, 1u);
  EXPECT_THAT(refused({"confirm"}),
              MatchesRegex("xdpgate: confirm `.*`: too late: generation 2 was "
                           "not confirmed within 3s, and generation 1 is in "
                           "force again since [0-9ms]+; apply the policy "
                           "again\n"));
  const Counts counts = counts_after(arrived);
  sink.stop();
  EXPECT_EQ(counts.generation, 1u);
  EXPECT_EQ(counts.judged(), arrived);
  EXPECT_EQ(counts.default_action.packets, 0u);
  for (const char* rule : {"dropped", "passed", "telling"}) {
    EXPECT_EQ(unsettled.packets(rule), counts.packets(rule)) << rule;
  }
  expect_counted(counts.packets("dropped"), traffic, 0);
  expect_counted(counts.packets("passed"), traffic, 1);
  expect_counted(counts.packets("telling"), traffic, 2);
  EXPECT_EQ(sink.to(kDropped), 0u);
  EXPECT_EQ(sink.to(kPassed) + sink.to(kTelling) + sink.missed(),
            counts.verdicts.at("pass").packets);
  EXPECT_LT(sink.to(kTelling), counts.packets("telling"));
  EXPECT_EQ(generations_pinned(), 1u);
}

TEST_F(Confirm, WhatHappenedIsToldByEveryCommand) {
  done({"apply", files_["pass"]});
  done({"apply", files_["drop"], "--confirm", "1s"});
  std::uint64_t told = 0;
  ASSERT_TRUE(is_passed_again(socket_on("v0"), socket_on("v1"),
                              udp_to(kTelling), told));
  const std::string text =
      "generation 2 was not confirmed within 1s: generation 1 is in force "
      "again, since ";
  EXPECT_THAT(done({"status"}), HasSubstr("  " + text));
  EXPECT_THAT(done({"stats"}), HasSubstr("  " + text));
  EXPECT_THAT(tool({"show"}).err, HasSubstr("xdpgate: note: " + text));
  EXPECT_EQ(status_json()["lease"]["state"], "expired");
  EXPECT_EQ(Json::parse(done({"stats", "--json"}))["lease"]["generation"], 2);
  const Finished again = tool({"apply", files_["drop"]});
  EXPECT_THAT(again.err, HasSubstr("xdpgate: note: " + text));
  EXPECT_THAT(again.out, HasSubstr("generation 3 in force"));
  EXPECT_TRUE(status_json()["lease"].is_null());
  EXPECT_EQ(counts_after(told).packets("telling"), told);
}

TEST_F(Confirm, OfAFirstPolicyLeavesNoFilterButCounts) {
  EXPECT_THAT(done({"apply", files_["drop"], "--confirm", "1s"}),
              HasSubstr("then everything passes\n"));
  ASSERT_TRUE(is_passed_again(socket_on("v0"), socket_on("v1"),
                              udp_to(kTelling), sent_));
  send_all(4);
  const Counts counts = counts_after(sent_);
  EXPECT_EQ(counts.judged(), sent_);
  EXPECT_GE(counts.default_action.packets, 12u);
  EXPECT_EQ(counts.verdicts.at("pass").packets, counts.default_action.packets);
  EXPECT_THAT(done({"status"}),
              HasSubstr("generation 1 was not confirmed within 1s: no policy is "
                        "in force, everything passes, since "));
  EXPECT_THAT(refused({"confirm"}), HasSubstr("and everything passes since"));
  EXPECT_THAT(refused({"rollback"}), HasSubstr("no policy before"));
  done({"apply", files_["drop"]});
  send_all(1);
  const Counts after = counts_after(sent_);
  EXPECT_EQ(after.judged(), sent_);
  EXPECT_EQ(after.packets("dropped"), 1u);
  EXPECT_EQ(generations_pinned(), 1u);
}

TEST_F(Confirm, OfAFirstPolicyInTimeLeavesNothingElse) {
  done({"apply", files_["drop"], "--confirm", "10m"});
  send_all(2);
  done({"confirm"});
  EXPECT_EQ(counts_after(sent_).packets("telling"), 2u);
  EXPECT_EQ(generations_pinned(), 1u);
  EXPECT_THAT(refused({"rollback"}), HasSubstr("no policy before"));
}

TEST_F(Confirm, RollbackOfAFirstPolicyTakesTheFilterOff) {
  done({"apply", files_["drop"], "--confirm", "10m"});
  EXPECT_EQ(done({"rollback"}),
            instance_name() +
                ": no policy was in force before; the filter is off\n");
  EXPECT_TRUE(tree("/sys/fs/bpf/xdpgate").empty());
}

TEST_F(Confirm, RollbackReturnsOnceAndKeepsCounts) {
  for (const char* lease : {"", "10m"}) {
    SCOPED_TRACE(lease);
    std::vector<std::string> words = {"apply", files_["drop"]};
    if (*lease) words.insert(words.end(), {"--confirm", lease});
    done({"apply", files_["pass"]});
    send_all(4);
    done(words);
    send_all(6);
    EXPECT_EQ(counts_after(sent_).judged(), sent_);
    const std::uint64_t old = status_json()["generation"].get<int>() - 1;
    EXPECT_EQ(done({"rollback"}),
              fmt::format("{}: generation {} is in force again\n",
                          instance_name(), old));
    const Counts back = counts_after(sent_);
    EXPECT_EQ(back.judged(), sent_);
    EXPECT_EQ(back.packets("telling"), 10u);
    EXPECT_EQ(back.packets("dropped"), 10u);
    EXPECT_EQ(back.generation, old);
    send_all(1);
    EXPECT_EQ(counts_after(sent_).packets("telling"), 11u);
    EXPECT_THAT(done({"status"}), HasSubstr("was rolled back to generation"));
    EXPECT_THAT(refused({"rollback"}), HasSubstr("is kept"));
    EXPECT_EQ(generations_pinned(), 1u);
    done({"detach", "--all"});
    sent_ = 0;
  }
}

// A rule that only one of the policies has keeps what it had counted.
TEST_F(Confirm, RollbackBringsBackTheCountsOfRulesThatWereGone) {
  done({"apply", files_["pass"]});
  send_all(3);
  const std::string other = write_file(
      "other.yaml", policy_text({port_rule("passed", kPassed, "pass")}));
  done({"apply", other});
  send_all(2);
  EXPECT_EQ(counts_after(sent_).packets("passed"), 5u);
  done({"rollback"});
  const Counts back = counts_after(sent_);
  EXPECT_EQ(back.packets("dropped"), 3u);
  EXPECT_EQ(back.packets("passed"), 5u);
  EXPECT_EQ(back.default_action.packets, 4u);
  EXPECT_EQ(back.judged(), sent_);
}

TEST_F(Confirm, NothingIsAppliedMeanwhile) {
  done({"apply", files_["pass"]});
  done({"apply", files_["drop"], "--confirm", "10m"});
  EXPECT_EQ(refused({"apply", files_["pass"]}),
            fmt::format("xdpgate: apply `{}`: generation 2 waits to be "
                        "confirmed; `xdpgate confirm` or `xdpgate rollback` "
                        "first\n",
                        instance_name()));
  done({"detach", "--all"});
  EXPECT_TRUE(tree("/sys/fs/bpf/xdpgate").empty());
}

TEST_F(Confirm, TimesThatMeanNothingAreRefused) {
  for (const char* time : {"", "5", "0s", "2d", "soon"}) {
    const Finished finished = tool({"apply", files_["pass"], "--confirm", time});
    EXPECT_EQ(finished.exit_code, 2) << time;
    EXPECT_THAT(finished.err, HasSubstr("--confirm")) << time;
  }
}

// On interfaces that only one of the two policies is to run on.
TEST_F(Confirm, InterfacesComeAndGoWithThePolicy) {
  add_veth("v2", "v3");
  const auto carries = [](const char* name) {
    const auto carried = carried_by(::if_nametoindex(name), name);
    return carried && carried->program_id != 0;
  };
  const auto dropped = [&](const char* from, const char* to) {
    PacketSocket& receiver = socket_on(to);
    while (receiver.receive()) {
    }
    send(from, udp_to(kDropped), 1);
    ::usleep(20'000);
    return !receiver.receive();
  };
  for (const bool keep : {false, true}) {
    SCOPED_TRACE(keep);
    done({"apply", files_["pass"], "-i", "v1"});
    done({"apply", files_["drop"], "-i", "v3", "--confirm", "10m"});
    EXPECT_TRUE(dropped("v2", "v3"));
    EXPECT_FALSE(dropped("v0", "v1"));  // as if it were released already
    done({keep ? "confirm" : "rollback"});
    EXPECT_EQ(dropped("v2", "v3"), keep);
    EXPECT_EQ(dropped("v0", "v1"), !keep);
    EXPECT_EQ(carries("v3"), keep);
    EXPECT_EQ(carries("v1"), !keep);
    done({"detach", "--all"});
    EXPECT_FALSE(carries("v1") || carries("v3"));
  }
}

std::string banning(const char* telling) {
  return policy_text({"{name: banned, match: {src: \"@bad\"}, action: drop}",
                      port_rule("telling", kTelling, telling)})
      .insert(policy_text({}).find("rules:"),
              "sets:\n  bad: {type: address, dynamic: true, size: 100}\n");
}

// What changed in a set while the policy waited holds for the one that comes
// back, at once, whoever notices.
TEST_F(Confirm, SetsGoOnUnderThePolicyThatComesBack) {
  const std::string one = write_file("one.yaml", banning("pass"));
  const std::string two = write_file("two.yaml", banning("drop"));
  for (const char* verb : {"add", "load"}) {
    SCOPED_TRACE(verb);
    done({"apply", one});
    done({"apply", two, "--confirm", "2s"});
    done({"set", verb, "bad", "10.99.0.0/16"});
    std::uint64_t sent = 0;
    ASSERT_TRUE(is_passed_again(socket_on("v0"), socket_on("v1"),
                                udp_to(kTelling), sent));
    Bytes bad = udp_to(kTelling);
    const std::uint8_t address[] = {10, 99, 2, 77};
    std::ranges::copy(address, bad.begin() + 26);
    send("v0", bad, 3);
    sent += 3;
    const Counts now = counts_after(sent);
    EXPECT_EQ(now.packets("banned"), 3u);
    EXPECT_EQ(now.packets("telling"), sent - 3);
    EXPECT_THAT(done({"set", "list", "bad"}), HasSubstr("10.99.0.0/16"));
    done({"detach", "--all"});
  }
}

// A set of another size is another map, in which the same is done.
TEST_F(Confirm, WhatIsTakenOutOfASetOfAnotherSizeStaysOut) {
  const auto text = [](int size) {
    return fmt::format(
        "version: 1\nname: {}\ninterfaces: [v1]\nsets:\n"
        "  bad: {{type: address, dynamic: true, size: {}}}\n"
        "rules: [{{name: b, match: {{src: \"@bad\"}}, action: drop}}]\n",
        instance_name(), size);
  };
  const std::string four = write_file("four.yaml", text(4));
  const std::string six = write_file("six.yaml", text(6));
  const auto list = [] {
    const Json sets = Json::parse(done({"set", "list", "bad", "--json"}));
    std::set<std::string> elements;
    for (const Json& element : sets["elements"]) {
      elements.insert(element["element"]);
    }
    return elements;
  };
  using Elements = std::set<std::string>;
  struct Change {
    std::vector<std::string> words;
    Elements left;
  };
  const Change changes[] = {
      {{"del", "bad", "192.0.2.1"}, {"192.0.2.3"}},
      {{"flush", "bad"}, {}},
      {{"load", "bad", "192.0.2.7"}, {"192.0.2.7"}},
      {{"add", "bad", "192.0.2.5"}, {"192.0.2.1", "192.0.2.3", "192.0.2.5"}}};
  for (const bool waits : {false, true}) {
    for (const Change& change : changes) {
      SCOPED_TRACE(fmt::format("{} {}", change.words[0], waits));
      done({"apply", four});
      done({"set", "add", "bad", "192.0.2.1", "192.0.2.3"});
      std::vector<std::string> apply_six = {"apply", six};
      if (waits) apply_six.insert(apply_six.end(), {"--confirm", "1h"});
      done(apply_six);
      std::vector<std::string> words = {"set"};
      words.insert(words.end(), change.words.begin(), change.words.end());
      done(words);
      EXPECT_EQ(list(), change.left);
      done({"rollback"});
      EXPECT_EQ(list(), change.left) << "after the rollback";
      done({"detach", "--all"});
    }
  }
}

// What a key has spent while the policy waited it has spent.
TEST_F(Confirm, LimitsGoOnUnderThePolicyThatComesBack) {
  const auto text = [](const char* telling) {
    return policy_text(
        {"{name: few, match: {protocol: udp, dst_port: 9}, action: pass, "
         "limit: {rate: 1/h, burst: 5}}",
         port_rule("telling", kTelling, telling)});
  };
  for (const bool by_hand : {false, true}) {
    SCOPED_TRACE(by_hand);
    done({"apply", write_file("one.yaml", text("pass"))});
    done({"apply", write_file("two.yaml", text("drop")), "--confirm",
          by_hand ? "10m" : "1s"});
    send("v0", udp_to(9), 5);
    std::uint64_t sent = 5;
    if (by_hand) {
      done({"rollback"});
    } else {
      ASSERT_TRUE(is_passed_again(socket_on("v0"), socket_on("v1"),
                                  udp_to(kTelling), sent));
      done({"status"});
    }
    send("v0", udp_to(9), 4);
    sent += 4;
    EXPECT_EQ(counts_after(sent).packets("few"), 9u);
    const auto now = stats(instance_name());
    ASSERT_TRUE(now) << now.error().line();
    EXPECT_EQ(now->rules.front().over->packets, 4u);
    done({"detach", "--all"});
  }
}

TEST_F(Confirm, TheOnlyOneThatWaitsIsMeant) {
  add_veth("v2", "v3");
  done({"apply", files_["pass"]});
  const std::string other = write_file(
      "other.yaml", fmt::format("version: 1\nname: {}.b\ninterfaces: [v3]\n"
                                "rules: []\n",
                                instance_name()));
  done({"apply", other, "--confirm", "10m"});
  EXPECT_EQ(done({"confirm"}),
            instance_name() + ".b: generation 1 stays in force\n");
  EXPECT_THAT(refused({"confirm"}), HasSubstr("several run"));
  EXPECT_THAT(refused({"rollback", "--name", "nobody"}),
              HasSubstr("no such instance"));
}

}  // namespace
}  // namespace xdpgate::test
