// SPDX-License-Identifier: GPL-2.0-only
// Promises 3 and 6, instant by instant: a command is killed before, or fails
// at, each system call that could leave something half done. What is left is
// the old state or the new one, the filter never stops, and the next command
// goes through and cleans up.
#include <fmt/format.h>
#include <net/if.h>

#include <cctype>
#include <cerrno>
#include <set>

#include "bpf/link.h"
#include "policy/duration.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/syscall_gate.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

constexpr std::uint16_t kDropped = 1, kPassed = 2, kTelling = 3;

using Names = std::vector<std::string>;

// A command and the states before and after it. A policy is "a" or "b"; ""
// stands for no filter at all. "b?" waits to be confirmed; behind "a<b" "a" has
// come back.
struct Scenario {
  const char* title;
  std::string before, after;
  Names interfaces_before, interfaces_after;
  const char* words = "";  // of the command, where the states do not tell
};

const Scenario kScenarios[] = {
    {"first apply", "", "a", {}, {"v1", "v3"}},
    {"swap with a new interface", "a", "b", {"v1"}, {"v1", "v3"}},
    {"swap with one interface less", "a", "b", {"v1", "v3"}, {"v1"}},
    {"a new interface for the same policy", "a", "a", {"v1"}, {"v1", "v3"}},
    {"detach", "a", "", {"v1", "v3"}, {}},
    {"first apply, to be confirmed", "", "a?", {}, {"v1"}},
    {"swap to be confirmed", "a", "b?", {"v1"}, {"v1"}},
    {"confirm", "b?", "b", {"v1"}, {"v1"}, "confirm"},
    {"rollback before it is confirmed", "b?", "a<b", {"v1"}, {"v1"},
     "rollback"},
    {"rollback afterwards", "b", "a<b", {"v1"}, {"v1"}, "rollback"}};

// Whether the first policy that the state speaks of waits.
bool waits(const std::string& state) { return state.ends_with('?'); }

std::string text_of(const std::string& policy) {
  return policy_text(
      {port_rule("dropped", kDropped, "drop"),
       port_rule("passed", kPassed, "pass"),
       port_rule("telling", kTelling, policy == "a" ? "pass" : "drop")});
}

class GateTest : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    add_veth("v2", "v3");
    for (const std::string policy : {"a", "b"}) {
      files_[policy] = write_file(policy + ".yaml", text_of(policy));
      images_.emplace(policy, image_of(text_of(policy)));
    }
  }

  // The command that leads from one state to the other.
  std::vector<std::string> command(const Scenario& s) const {
    if (s.after.empty()) return tool_argv({"detach", "--all"});
    if (*s.words) return tool_argv({s.words});
    std::vector<std::string> words = {
        "apply", files_.at(s.after.substr(0, 1)), "--mode", "native"};
    if (waits(s.after)) words.insert(words.end(), {"--confirm", "1h"});
    for (const auto& name : s.interfaces_after) {
      words.insert(words.end(), {"-i", name});
    }
    return tool_argv(words);
  }

  // Makes the state before, and lets it count something.
  void prepare(const Scenario& s) {
    ASSERT_TRUE(detach("", {}));
    if (s.before.empty()) return;
    if (*s.words) put("a", s, 0);
    put(s.before.substr(0, 1), s, waits(s.before) ? 3600 * kSecondNs : 0);
    send("v0", udp_to(kDropped), 3);
  }
  void put(const std::string& policy, const Scenario& s,
           std::uint64_t confirm_ns) {
    auto done = apply(images_.at(policy),
                      {instance_name(), s.interfaces_before, Mode::kAuto,
                       false, confirm_ns});
    ASSERT_TRUE(done) << done.error().line();
  }

  // "a on v1 v3", "a? on v1", or "nothing"; cleans up what was left over.
  std::string state() const {
    const auto all = status();
    if (!all) return all.error().line();
    if (all->empty()) return "nothing";
    std::string text = policy_of(all->front().digest);
    const auto& lease = all->front().lease;
    if (lease && lease->state == LeaseStatus::State::kPending) text += "?";
    if (lease && lease->state == LeaseStatus::State::kRolledBack) text += "<b";
    text += " on";
    std::set<std::string> names;
    for (const InterfaceStatus& interface : all->front().interfaces) {
      names.insert(interface.mode == "native" ? interface.name
                                              : interface.name + "?");
    }
    for (const std::string& name : names) text += " " + name;
    return text;
  }
  static std::string state(const std::string& policy, const Names& names) {
    return policy.empty() ? "nothing"
                          : fmt::format("{} on {}", policy,
                                        fmt::join(names, " "));
  }

  // Whether what both policies drop is dropped on v1, and what they pass is
  // passed.
  bool filters() {
    PacketSocket& receiver = socket_on("v1");
    while (receiver.receive()) {
    }
    send("v0", udp_to(kDropped), 1);
    send("v0", udp_to(kPassed), 1);
    for (int tries = 0; tries < 1000; ++tries) {
      const auto frame = receiver.receive();
      if (frame) return port_of(*frame) == kPassed;
      ::usleep(1'000);
    }
    return false;
  }

  static bool carries_a_program(const std::string& name) {
    const auto carried = carried_by(::if_nametoindex(name.c_str()), name);
    return carried && carried->program_id != 0;
  }

  std::string policy_of(const std::string& digest) const {
    for (const auto& [name, image] : images_) {
      if (ImageView(image).digest() == digest) return name;
    }
    return "?";
  }

  // What is pinned is what a settled instance has, and nothing else.
  static void expect_settled(const std::string& state) {
    std::size_t generations = 0, links = 0, others = 0;
    for (const std::string& path : tree(pins_of(instance_name()))) {
      generations += path.starts_with("gen-") && !path.contains('/');
      links += path.starts_with("links/");
      others += path.starts_with("gen-") && path.contains("/links");
    }
    if (state == "nothing") {
      EXPECT_FALSE(std::filesystem::exists(pins_of(instance_name())));
      return;
    }
    EXPECT_TRUE(generations == 1 || generations == 2) << generations;
    EXPECT_EQ(links, std::ranges::count(state, 'v') + 0u);
    EXPECT_EQ(others, 0u);
  }

  // The same command again, to its end, unless all is done.
  void expect_next_succeeds(const Scenario& s) {
    const bool is_done = state() == state(s.after, s.interfaces_after);
    const bool refuses = is_done && (*s.words || waits(s.after));
    const Finished again = run(command(s));
    EXPECT_EQ(again.exit_code, refuses ? 3 : 0) << again.err;
    const std::string now = state();
    EXPECT_EQ(now, state(s.after, s.interfaces_after));
    expect_settled(now);
    if (s.before.empty() || s.after.empty()) return;
    EXPECT_EQ(counts().packets("dropped"), dropped_);
  }

  void kill_at(const Scenario& s, int at);
  bool fail_at(const Scenario& s, int at, int error);

  std::map<std::string, std::string> files_;
  std::map<std::string, Image> images_;
  std::uint64_t dropped_ = 0;  // packets that `dropped` must have counted
};

void GateTest::kill_at(const Scenario& s, int at) {
  prepare(s);
  const std::string old_state = state(s.before, s.interfaces_before);
  const std::string new_state = state(s.after, s.interfaces_after);
  const Gated gated = run_gated(command(s), {.at = at});
  EXPECT_EQ(gated.finished.exit_code, -SIGKILL);
  dropped_ = 3;
  const bool always = !s.before.empty() && !s.after.empty();
  // What waits to be the first has nothing before it but what passes all.
  const bool may_pass = s.before.empty() && waits(s.after);
  if (always || (carries_a_program("v1") && !may_pass)) {
    EXPECT_TRUE(filters());
    ++dropped_;
  }
  const std::string now = state();
  // Only the same command drops interfaces that it no longer asks for.
  const bool half_way = now == state(s.after, s.interfaces_before) ||
                        (now.starts_with(s.before) && s.after.empty());
  EXPECT_TRUE(now == old_state || now == new_state || half_way) << now;
  expect_settled(now);
  expect_next_succeeds(s);
}

// Whether everything is as it was before.
bool GateTest::fail_at(const Scenario& s, int at, int error) {
  const std::string before = picture();
  const Gated gated = run_gated(command(s), {.at = at, .error = error});
  const Finished& done = gated.finished;
  const bool committed = done.err.contains("is in force all the same");
  // What takes something off, or decides on a lease, may end half way.
  if (done.exit_code == 0 || committed || s.after.empty() || *s.words) {
    EXPECT_TRUE(done.exit_code == 0 || done.exit_code == 3) << done.err;
  } else {
    EXPECT_EQ(done.exit_code, 3);
    EXPECT_EQ(picture(), before);
    EXPECT_EQ(state(), state(s.before, s.interfaces_before));
  }
  if (done.exit_code == 3) {
    EXPECT_TRUE(done.err.starts_with("xdpgate: ")) << done.err;
    EXPECT_EQ(std::ranges::count(done.err, '\n'), 1) << done.err;
  }
  if (committed) {
    EXPECT_TRUE(state().starts_with(s.after));
  }
  return picture() == before;
}

// Maps and programs made, filled and tried: nobody sees them yet.
bool only_loads(const std::string& call) {
  static const std::set<std::string> calls = {"bpf 0",  "bpf 5",  "bpf 10",
                                              "bpf 18", "bpf 22", "bpf 35"};
  return calls.contains(call);
}

// A call that changes what others see; a kill before any other is the same as
// before the next of these.
bool changes_something(const std::string& call) {
  static const std::set<std::string> readers = {"bpf 1", "bpf 7", "bpf 15"};
  return !only_loads(call) && !readers.contains(call);
}

class GateOf : public GateTest, public testing::WithParamInterface<Scenario> {};

INSTANTIATE_TEST_SUITE_P(
    Scenarios, GateOf, testing::ValuesIn(kScenarios), [](const auto& info) {
      std::string name = info.param.title;
      for (char& c : name) c = std::isalnum(c) ? c : '_';
      return name;
    });

TEST_P(GateOf, AKillBeforeAnyCallLeavesTheOldOrTheNew) {
  const Scenario& s = GetParam();
  prepare(s);
  const auto calls = run_gated(command(s), {}).calls;
  ASSERT_GT(calls.size(), 5u);
  int kills = 0;
  for (std::size_t at = 0; at < calls.size() && !HasFailure(); ++at) {
    if (!changes_something(calls[at])) continue;
    SCOPED_TRACE(fmt::format("call {}, {}", at, calls[at]));
    kill_at(s, static_cast<int>(at));
    ++kills;
  }
  fmt::print("{} kills, one before every call that changes something\n",
             kills);
}

TEST_P(GateOf, AFailureOfAnyCallLeavesTheOldOrTheNew) {
  const Scenario& s = GetParam();
  prepare(s);
  const auto calls = run_gated(command(s), {}).calls;
  ASSERT_GT(calls.size(), 5u);
  prepare(s);
  dropped_ = 3;
  int failures = 0;
  for (std::size_t at = 0; at < calls.size() && !HasFailure(); ++at) {
    if (at > 0 && calls[at] == calls[at - 1]) continue;  // like that one
    if (calls[at] == "bpf 18") continue;  // libbpf asks what the kernel can
    SCOPED_TRACE(fmt::format("call {}, {}", at, calls[at]));
    ++failures;
    if (fail_at(s, static_cast<int>(at), ENOMEM)) continue;
    expect_next_succeeds(s);
    prepare(s);
  }
  expect_next_succeeds(s);
  fmt::print("{} calls failed, one after the other\n", failures);
}

// A packet may still be under way in the old program when the new one is in
// force: its count is read only when it is through.
TEST_F(GateTest, TheFoldWaitsForAGracePeriod) {
  const Scenario& s = kScenarios[2];
  prepare(s);
  const auto calls = run_gated(command(s), {}).calls;
  const auto wait = std::ranges::find(calls, "membarrier");
  ASSERT_NE(wait, calls.end());
  EXPECT_EQ(*std::prev(wait), "bpf 2") << "the commit comes just before";
  EXPECT_EQ(*std::next(wait), "bpf 1") << "the counts are read after";
  // Where the kernel refuses that call, the update of a map of maps waits.
  prepare(s);
  const auto at = static_cast<int>(wait - calls.begin());
  const auto others =
      run_gated(command(s), {.at = at, .error = EINVAL}).calls;
  ASSERT_GT(others.size(), calls.size());
  const std::vector<std::string> instead(others.begin() + at + 1,
                                         others.begin() + at + 5);
  EXPECT_EQ(instead, (std::vector<std::string>{"bpf 0", "bpf 0", "bpf 2",
                                               "bpf 1"}));
  EXPECT_EQ(state(), state(s.after, s.interfaces_after));
}

// Readers take no lock: whatever they meet, they see one of the two policies
// with all its counts.
TEST_F(GateTest, ReadersAreNeverDisturbed) {
  for (const Scenario& s : {kScenarios[1], kScenarios[8], kScenarios[9]}) {
    SCOPED_TRACE(s.title);
    prepare(s);
    const auto calls = run_gated(command(s), {}).calls;
    std::set<std::string> seen;
    for (std::size_t at = 0; at < calls.size(); ++at) {
      if (!changes_something(calls[at])) continue;
      SCOPED_TRACE(fmt::format("call {}, {}", at, calls[at]));
      prepare(s);
      run_gated(command(s), {.at = static_cast<int>(at), .meanwhile = [&] {
                  seen.insert(state().substr(0, 1));
                  EXPECT_EQ(counts().packets("dropped"), 3u);
                  EXPECT_EQ(tool({"status"}).exit_code, 0);
                }});
    }
    EXPECT_EQ(seen, (std::set<std::string>{"a", "b"}));
  }
}

}  // namespace
}  // namespace xdpgate::test
