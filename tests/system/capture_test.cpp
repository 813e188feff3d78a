// SPDX-License-Identifier: GPL-2.0-only
// xdpgate capture on a running filter: what it shows, to tcpdump and tshark
// too, what it follows, and that what it cannot show is counted.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/fd.h"
#include "bpf/tap.h"
#include "policy/decision.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kLongest = 120s;  // a test may be paused

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Whether `done` holds within some time.
bool comes(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kLongest;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

// The shell does the plumbing.
Child shell(const std::string& line) {
  return Child::start({"sh", "-c", line});
}

class CaptureTest : public SystemTest {
 protected:
  std::string at(const std::string& name) { return scratch() / name; }
  // `xdpgate capture WORDS`, quoted for a shell.
  static std::string capture(const std::string& words) {
    return fmt::format("{} capture {}", tool_argv({})[0], words);
  }
  // Sends until somebody who starts to read has got something.
  void send_until(std::uint16_t port, const std::function<bool()>& done) {
    EXPECT_TRUE(comes([&] {
      send("v0", udp_to(port), 1);
      return done();
    }));
  }
  Finished end(Child& child) {
    auto finished = child.wait(kLongest);
    EXPECT_TRUE(finished) << "it does not end";
    return finished.value_or(Finished{});
  }
  std::uint64_t sum_of_counts() { return counts().judged(); }
};

const std::vector<std::string> kRules = {
    port_rule("a", 1, "drop"), port_rule("b", 2, "pass"),
    port_rule("c", 3, "count")};

TEST_F(CaptureTest, TsharkReadsRuleVerdictInterfaceAndLength) {
  put_on_v1(image_of(policy_text(kRules)));
  Child child = shell(capture("--verdict drop --snap 60 --count 3 -w " +
                              at("all.pcapng")));
  send_until(1, [&] { return child.wait(0ms).has_value(); });
  const Finished read = run(
      {"tshark", "-r", at("all.pcapng"), "-T", "fields", "-e", "frame.len",
       "-e", "frame.cap_len", "-e", "frame.interface_name", "-e",
       "frame.comment", "-e", "udp.dstport"});
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_EQ(read.out,
            "60\t60\tv1\tverdict=drop rule=a generation=1\t1\n"
            "60\t60\tv1\tverdict=drop rule=a generation=1\t1\n"
            "60\t60\tv1\tverdict=drop rule=a generation=1\t1\n");
}

TEST_F(CaptureTest, TheHeadIsShortTheLengthTrueAndTheTimeOfTheClock) {
  put_on_v1(image_of(policy_text(kRules)));
  const double before = static_cast<double>(std::time(nullptr)) - 1;
  Child child = shell(capture("--rule b --snap 50 --count 1 -w " +
                              at("one.pcapng")));
  EXPECT_TRUE(comes([&] {
    send("v0", udp_to(2, 1000), 1);
    return child.wait(0ms).has_value();
  }));
  const Finished read = run({"tshark", "-r", at("one.pcapng"), "-T", "fields",
                             "-e", "frame.len", "-e", "frame.cap_len", "-e",
                             "frame.time_epoch"});
  std::istringstream words(read.out);
  double length = 0, captured = 0, time = 0;
  words >> length >> captured >> time;
  EXPECT_EQ(length, 14 + 20 + 8 + 1000);
  EXPECT_EQ(captured, 50);
  EXPECT_GE(time, before);
  EXPECT_LE(time, static_cast<double>(std::time(nullptr)) + 1);
}

TEST_F(CaptureTest, APipeToTcpdumpIsLive) {
  put_on_v1(image_of(policy_text(kRules)));
  Child child = shell(fmt::format("{} | tcpdump -lnr - > {} 2>/dev/null",
                                  capture("--rule a --count 2 -w -"),
                                  at("lines")));
  send_until(1, [&] {
    return contents(at("lines")).contains("198.51.100.2.1:");
  });
  EXPECT_FALSE(child.wait(0ms).has_value());  // the first, before the second
  send_until(1, [&] { return child.wait(0ms).has_value(); });
  EXPECT_EQ(lines_of(contents(at("lines"))).size(), 2u);
}

TEST_F(CaptureTest, APipeToTsharkIsLive) {
  put_on_v1(image_of(policy_text(kRules)));
  Child child = shell(fmt::format(
      "{} | tshark -l -r - -T fields -e frame.comment > {} 2>/dev/null",
      capture("--rule c --count 2 -w -"), at("lines")));
  send_until(3, [&] {
    return contents(at("lines")).contains(
        "verdict=count rule=c generation=1\n");
  });
  EXPECT_FALSE(child.wait(0ms).has_value());
  send_until(3, [&] { return child.wait(0ms).has_value(); });
}

// Whoever reads lines does so once the tap is open: then nothing is missed.
struct OpenTap {
  explicit OpenTap(TapRequest request) {
    request.instance = instance_name();
    auto opened = Tap::open(request);
    if (!opened) throw std::runtime_error(opened.error().line());
    tap.emplace(std::move(*opened));
  }
  // All that is there by now: "rule verdict", each.
  std::vector<std::string> read() {
    std::vector<std::string> seen;
    const auto waited = tap->wait(0ms, [&](const TappedPacket& packet) {
      seen.push_back(fmt::format(
          "{} {}", packet.rule.empty() ? "-" : packet.rule,
          packet.counts ? "count" : verdict_name(packet.verdict)));
      ports.push_back(port_of(Bytes(packet.head.begin(), packet.head.end())));
      return true;
    });
    EXPECT_TRUE(waited) << waited.error().line();
    return seen;
  }
  TapCounts counts() {
    const auto now = tap->counts();
    EXPECT_TRUE(now) << now.error().line();
    return now.value_or(TapCounts{});
  }

  std::optional<Tap> tap;
  std::vector<std::uint16_t> ports;
};

TEST_F(CaptureTest, OnlyWhatRulesLogUnlessOneChooses) {
  std::vector<std::string> rules = kRules;
  rules[0] = "{name: a, match: {protocol: udp, dst_port: 1}, action: drop, "
             "log: {every: 10}}";
  rules[2] = "{name: c, match: {protocol: udp, dst_port: 3}, action: count, "
             "log: {}}";
  put_on_v1(image_of(policy_text(rules)));
  OpenTap logged({});
  for (const int port : {1, 2, 3, 4}) {
    send("v0", udp_to(static_cast<std::uint16_t>(port)), 100);
  }
  ASSERT_EQ(counts_after(400).judged(), 400u);
  const auto seen = logged.read();
  const auto of_a = std::ranges::count(seen, "a drop");
  // One in ten of each CPU's, the first one included.
  EXPECT_GE(of_a, 10);
  EXPECT_LE(of_a, 10 + 2 * sysconf(_SC_NPROCESSORS_CONF));
  EXPECT_EQ(std::ranges::count(seen, "c count"), 100);
  EXPECT_EQ(static_cast<std::size_t>(of_a) + 100, seen.size());
  EXPECT_EQ(logged.counts().logged, seen.size());
}

TEST_F(CaptureTest, AnyRuleAndVerdictCanBeChosen) {
  put_on_v1(image_of(policy_text(kRules)));
  const struct {
    const char* name;
    TapRequest request;
    std::vector<std::string> seen;
  } rows[] = {
      {"a rule", {.rules = {"a"}}, {"a drop"}},
      {"two rules", {.rules = {"b", "c"}}, {"b pass", "c count"}},
      {"a verdict", {.verdicts = {XG_PASS}}, {"b pass", "- pass", "- pass"}},
      {"both", {.rules = {"a", "b"}, .verdicts = {XG_PASS}}, {"b pass"}},
      {"everything",
       {.every = 1},
       {"a drop", "b pass", "c count", "- pass", "- pass"}},
  };
  std::uint64_t sent = 0;
  for (const auto& row : rows) {
    OpenTap tap(row.request);
    for (const int port : {1, 2, 3, 4}) {
      send("v0", udp_to(static_cast<std::uint16_t>(port)), 1);
    }
    sent += 4;
    ASSERT_EQ(counts_after(sent).judged(), sent);
    EXPECT_EQ(tap.read(), row.seen) << row.name;
  }
}

TEST_F(CaptureTest, ARuleIsFollowedThroughSwaps) {
  const std::string b = port_rule("b", 2, "pass");
  const std::vector<std::vector<std::string>> policies = {
      {b, port_rule("a", 1, "drop"), port_rule("c", 3, "drop")},
      {port_rule("a", 1, "drop"), port_rule("c", 3, "drop"), b},
      {port_rule("c", 3, "drop"), b, port_rule("a", 1, "drop")},
      {port_rule("a", 1, "drop"), port_rule("c", 3, "drop")}};
  std::vector<Image> images;
  for (const auto& rules : policies) images.push_back(image_of(policy_text(rules)));
  put_on_v1(images[0]);
  OpenTap tap({.rules = {"b"}, .per_second = 10'000'000});
  std::vector<std::string> seen;
  Traffic traffic("v0", {udp_to(1), udp_to(2), udp_to(3)});
  std::uint64_t counted = 0;
  for (int swap = 1; swap <= 9; ++swap) {
    std::ranges::move(tap.read(), std::back_inserter(seen));
    // Its counts end where the policy lacks it.
    if (swap % 4 == 3) counted += counts().packets("b");
    put_on_v1(images[static_cast<std::size_t>(swap) % images.size()]);
  }
  traffic.stop();
  (void)counts_after(traffic.sent() - traffic.dropped());
  std::ranges::move(tap.read(), std::back_inserter(seen));
  counted += counts().packets("b");
  EXPECT_GT(seen.size(), 10u);
  for (const std::string& line : seen) EXPECT_EQ(line, "b pass");
  for (const std::uint16_t port : tap.ports) EXPECT_EQ(port, 2);
  // Between the look at its counts and the swap it may have met some more.
  EXPECT_GE(seen.size() + tap.counts().lost + tap.counts().capped, counted);
}

TEST_F(CaptureTest, WhatFindsTheRingFullIsCounted) {
  put_on_v1(image_of(policy_text(kRules)));
  OpenTap tap({.every = 1, .snap_bytes = 60, .ring_bytes = 4096});
  send("v0", udp_to(1), 200);
  ASSERT_EQ(counts_after(200).judged(), 200u);
  const TapCounts now = tap.counts();
  EXPECT_GT(now.lost, 0u);
  EXPECT_EQ(now.logged + now.lost + now.capped, 200u);
  EXPECT_EQ(tap.read().size(), now.logged);
  const auto shown = stats(instance_name());
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->capture.at("lost").packets, now.lost);
  // Its counts outlive the generation.
  put_on_v1(image_of(policy_text({kRules[0]})));
  EXPECT_EQ(stats(instance_name())->capture.at("lost").packets, now.lost);
  EXPECT_EQ(tap.counts().lost, now.lost);
}

TEST_F(CaptureTest, WhatIsBeyondTheRateIsLeftOutAndCounted) {
  put_on_v1(image_of(policy_text(kRules)));
  OpenTap tap({.every = 1, .per_second = 1});
  send("v0", udp_to(1), 200);
  ASSERT_EQ(counts_after(200).judged(), 200u);
  const TapCounts now = tap.counts();
  EXPECT_GE(now.logged, 1u);
  EXPECT_GT(now.capped, 0u);
  EXPECT_EQ(now.logged + now.capped, 200u);
}

TEST_F(CaptureTest, OneReaderAtATimeAndAKilledOneLeavesNothing) {
  put_on_v1(image_of(policy_text(kRules)));
  {
    Child child = Child::start(
        tool_argv({"capture", "--every", "1", "-w", at("killed.pcapng")}));
    send_until(1, [&] { return contents(at("killed.pcapng")).size() > 500; });
    const Finished second = tool({"capture", "--every", "1"});
    EXPECT_EQ(second.exit_code, 3);
    EXPECT_THAT(second.err,
                HasSubstr(fmt::format("capture from `{}`: process {} (",
                                      instance_name(), child.pid())));
    child.signal(SIGKILL);
    end(child);
  }
  OpenTap tap({.rules = {"a"}});
  const std::uint64_t before = sum_of_counts();
  send("v0", udp_to(1), 1);
  ASSERT_EQ(counts_after(before + 1).judged(), before + 1);
  EXPECT_EQ(tap.read(), (std::vector<std::string>{"a drop"}));
}

constexpr std::uint32_t kSlot = 0;

Fd pinned(const std::string& name) {
  Fd fd(bpf_obj_get((pins_of(instance_name()) + "/" + name).c_str()));
  EXPECT_TRUE(fd) << name;
  return fd;
}

bool has_ring() {
  std::uint32_t id = 0;
  return bpf_map_lookup_elem(pinned("tap-rings").get(), &kSlot, &id) == 0;
}

xg_capture tap_of_programs() {
  xg_capture now{};
  EXPECT_EQ(bpf_map_lookup_elem(pinned("tap").get(), &kSlot, &now), 0);
  return now;
}

// What `status` does every command does that looks for the filters that run.
TEST_F(CaptureTest, TheNextCommandFreesWhatAKilledReaderHeld) {
  const std::function<void()> commands[] = {
      [] { EXPECT_EQ(tool({"status"}).exit_code, 0); },
      [] { put_on_v1(image_of(policy_text({kRules[1]}))); }};
  put_on_v1(image_of(policy_text(kRules)));
  for (const auto& command : commands) {
    Child child = Child::start(
        tool_argv({"capture", "--every", "1", "-w", at("killed.pcapng")}));
    send_until(1, [&] { return contents(at("killed.pcapng")).size() > 500; });
    EXPECT_EQ(tool({"status"}).exit_code, 0);
    EXPECT_TRUE(has_ring());  // it lives
    EXPECT_NE(tap_of_programs().active, 0u);
    child.signal(SIGKILL);
    end(child);
    EXPECT_TRUE(has_ring());
    command();
    EXPECT_FALSE(has_ring());
    EXPECT_EQ(tap_of_programs().active, 0u);
    std::filesystem::remove(at("killed.pcapng"));
  }
}

TEST_F(CaptureTest, AReaderThatDoesNotRenewItsLeaseIsGivenUp) {
  put_on_v1(image_of(policy_text(kRules)));
  xg_capture tap = tap_of_programs();
  tap.active = 9;
  tap.until_ns = 1;
  ASSERT_EQ(bpf_map_update_elem(pinned("tap").get(), &kSlot, &tap, BPF_ANY), 0);
  send("v0", udp_to(1), 1);
  ASSERT_EQ(counts_after(1).judged(), 1u);
  EXPECT_EQ(tap_of_programs().active, 0u);
}

TEST_F(CaptureTest, NothingIsLoggedWhileNobodyReads) {
  put_on_v1(image_of(policy_text(kRules)));
  { OpenTap tap({.every = 1}); }
  send("v0", udp_to(1), 10);
  ASSERT_EQ(counts_after(10).judged(), 10u);
  const auto shown = stats(instance_name());
  ASSERT_TRUE(shown);
  for (const auto& [name, counter] : shown->capture) {
    EXPECT_EQ(counter.packets, 0u) << name;
  }
}

TEST_F(CaptureTest, LinesAndObjectsSayWhatHappened) {
  put_on_v1(image_of(policy_text(kRules)));
  Child child = shell(capture("--json --every 1 --count 1 > " + at("out")));
  send_until(1, [&] { return child.wait(0ms).has_value(); });
  const auto json = nlohmann::json::parse(contents(at("out")));
  EXPECT_EQ(json["rule"], "a");
  EXPECT_EQ(json["verdict"], "drop");
  EXPECT_EQ(json["class"], "ok");
  EXPECT_EQ(json["interface"], "v1");
  EXPECT_EQ(json["generation"], 1);
  EXPECT_EQ(json["length"], udp_to(1).size());
  EXPECT_THAT(json["packet"].get<std::string>(), HasSubstr("198.51.100.2"));
  Child lines = shell(capture("--verdict pass --count 1 > " + at("out")));
  send_until(9, [&] { return lines.wait(0ms).has_value(); });
  EXPECT_THAT(contents(at("out")), HasSubstr(" v1 pass (default): udp "));
}

TEST_F(CaptureTest, AnInterruptEndsItWithASummary) {
  put_on_v1(image_of(policy_text(kRules)));
  Child child =
      Child::start(tool_argv({"capture", "--every", "1", "-w", at("f")}));
  send_until(1, [&] { return contents(at("f")).size() > 400; });
  child.signal(SIGINT);
  const Finished done = end(child);
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.err, testing::ContainsRegex(fmt::format(
                            "xdpgate: {}: [0-9]+ packets?", instance_name())));
  EXPECT_EQ(run({"tshark", "-r", at("f")}).exit_code, 0);
}

TEST_F(CaptureTest, EndsWithTheFilter) {
  put_on_v1(image_of(policy_text(kRules)));
  Child child =
      Child::start(tool_argv({"capture", "--every", "1", "-w", at("f")}));
  send_until(1, [&] { return contents(at("f")).size() > 400; });
  ASSERT_TRUE(detach(instance_name(), {}));
  const Finished done = end(child);
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.err, HasSubstr("; the filter was detached\n"));
}

TEST_F(CaptureTest, MistakesAreNamed) {
  EXPECT_THAT(tool({"capture"}).err, HasSubstr("find a running filter: there"));
  put_on_v1(image_of(policy_text({port_rule("web-flood", 1, "drop")})));
  const struct {
    std::vector<std::string> words;
    int exit_code;
    const char* says;
  } rows[] = {
      {{"--rule", "web-flod"}, 3,
       "find the rule `web-flod`: `{}` has none of that name; did you mean "
       "`web-flood`?"},
      {{"--verdict", "dorp"}, 2, "did you mean `drop`?"},
      {{"--snap", "0"}, 2, "--snap"},
      {{"--every", "0"}, 2, "--every"},
      {{"--json", "-w", "x"}, 2, "--json prints lines; leave out -w"},
      {{"-w", "/nowhere/x"}, 3, "write /nowhere/x: No such file or directory"},
      {{"--name", "other"}, 3, "find `other`: no such instance"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> words = {"capture"};
    words.insert(words.end(), row.words.begin(), row.words.end());
    const Finished done = tool(words);
    EXPECT_EQ(done.exit_code, row.exit_code) << row.says;
    EXPECT_THAT(done.err, HasSubstr(fmt::format(fmt::runtime(row.says),
                                                instance_name())));
  }
}

}  // namespace
}  // namespace xdpgate::test
