// SPDX-License-Identifier: GPL-2.0-only
// `xdpgate top` as somebody sees it, in a terminal that tmux plays.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Words = std::vector<std::string>;
using std::chrono::milliseconds;

// A tmux server of this test's own, with one terminal.
class Tmux {
 public:
  Tmux()
      : socket_(fmt::format("xdpgate-{}", ::getpid())),
        server_(Child::start({"tmux", "-L", socket_, "-f", "/dev/null", "-D"},
                             {.before_exec = [] {
                                return ::setenv("TMUX_TMPDIR", "/mnt", 1) == 0;
                              }})) {}
  ~Tmux() { (void)tmux({"kill-server"}); }

  Finished tmux(Words words) const {
    words.insert(words.begin(), {"tmux", "-L", socket_});
    return run(words, {.before_exec = [] {
                 return ::setenv("TMUX_TMPDIR", "/mnt", 1) == 0;
               }});
  }
  // A shell without a prompt, in a terminal of this size.
  void open(int columns, int lines) {
    const Words words = {"new-session", "-d", "-x", std::to_string(columns),
                         "-y", std::to_string(lines),
                         "env PS1= TERM=screen sh"};
    // The server may not listen yet.
    for (int i = 0; i < 100 && tmux(words).exit_code != 0; ++i) {
      std::this_thread::sleep_for(milliseconds(100));
    }
    (void)tmux({"set", "-g", "status", "off"});
    resize(columns, lines);
  }
  void resize(int columns, int lines) const {
    (void)tmux({"resize-window", "-x", std::to_string(columns), "-y",
                std::to_string(lines)});
  }
  // Keys by tmux's names, and text.
  void press(const Words& keys) const {
    Words words = {"send-keys"};
    words.insert(words.end(), keys.begin(), keys.end());
    EXPECT_EQ(tmux(words).exit_code, 0);
  }
  void type_line(const std::string& line) const { press({line, "Enter"}); }
  [[nodiscard]] std::string screen() const {
    return tmux({"capture-pane", "-p"}).out;
  }
  // Waits until the screen is as it should be; the last one.
  std::string wait_for(
      const std::function<bool(const std::string&)>& is_right) const {
    std::string text;
    for (int i = 0; i < 300; ++i) {
      text = screen();
      if (is_right(text)) return text;
      std::this_thread::sleep_for(milliseconds(100));
    }
    ADD_FAILURE() << "the screen stays:\n" << text;
    return text;
  }
  std::string wait_for(const std::string& part) const {
    return wait_for(
        [&](const std::string& text) { return text.contains(part); });
  }

 private:
  std::string socket_;
  Child server_;
};

class TopScreen : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (run({"sh", "-c", "command -v tmux"}).exit_code != 0) {
      GTEST_SKIP() << "needs tmux";
    }
    apply_rules({port_rule("low", 1, "drop"), port_rule("web", 2, "pass")});
    tmux_.emplace();
    tmux_->open(80, 24);
  }
  static void apply_rules(const Words& rules) {
    const Finished done =
        tool({"apply", write_file("policy.yaml", policy_text(rules))});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  // Types the command and says when it has ended, and how.
  void start(const std::string& options = "") const {
    tmux_->type_line(
        fmt::format("{} top --interval 200ms {}; echo ENDED $?", XG_TOOL,
                    options));
    (void)tmux_->wait_for("q quit");
  }
  void expect_ended(int exit_code) const {
    // What was on the terminal before is there again.
    (void)tmux_->wait_for(fmt::format("\nENDED {}\n", exit_code));
    tmux_->type_line("stty -a | grep -o -- '[-]*echo ' | head -n 1");
    (void)tmux_->wait_for("\necho\n");
  }
  static std::string pid_of_top() {
    return run({"pgrep", "-n", "-f", "^" XG_TOOL " top"}).out;
  }

  std::optional<Tmux> tmux_;
};

std::string line_with(const std::string& text, const std::string& word) {
  const auto at = text.find("\n" + word);
  if (at == std::string::npos) return "";
  return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST_F(TopScreen, ShowsRulesAndRatesAndQuits) {
  start();
  send("v0", udp_to(1), 2000);
  send("v0", udp_to(2), 3);
  // The counts, and that the rate was seen.
  std::string text = tmux_->wait_for([](const std::string& now) {
    return line_with(now, "low").ends_with("2.00k   120k");
  });
  EXPECT_TRUE(text.starts_with(
      fmt::format("{}  generation 1  2 rules\nv1 (native)\n",
                  instance_name())))
      << text;
  EXPECT_TRUE(line_with(text, "RULE").ends_with(
      "PKT/S  BIT/S  SHARE   ACTION PACKETS  BYTES"))
      << text;
  EXPECT_TRUE(line_with(text, "low").contains("drop")) << text;
  EXPECT_TRUE(line_with(text, "web").ends_with("pass       3    180")) << text;
  tmux_->press({"q"});
  expect_ended(0);
}

TEST_F(TopScreen, RatesShowWhilePacketsCome) {
  start();
  const auto is_busy = [&](const std::string& text) {
    send("v0", udp_to(1), 100);
    const std::string line = line_with(text, "low");
    return line.contains("100.0%") && text.contains("drop 100.0%");
  };
  (void)tmux_->wait_for(is_busy);
  tmux_->press({"q"});
  expect_ended(0);
}

TEST_F(TopScreen, SortsFiltersAndHelps) {
  start("--sort policy");
  (void)tmux_->wait_for("by policy");
  tmux_->press({"n", "r"});
  std::string text = tmux_->wait_for("by name, reversed");
  EXPECT_LT(text.find("\nweb"), text.find("\nlow")) << text;
  tmux_->press({"/", "w", "e"});
  text = tmux_->wait_for("filter: we_");
  tmux_->press({"Enter"});
  text = tmux_->wait_for("rows 1-1 of 1");
  EXPECT_EQ(line_with(text, "low"), "") << text;
  tmux_->press({"Escape"});
  (void)tmux_->wait_for("rows 1-3 of 3");
  tmux_->press({"?"});
  (void)tmux_->wait_for("any key ends it");
  tmux_->press({"x"});
  (void)tmux_->wait_for("rows 1-3 of 3");
  tmux_->press({"q"});
  expect_ended(0);
}

TEST_F(TopScreen, FollowsTheSizeOfTheTerminal) {
  start();
  tmux_->resize(40, 8);
  std::string text = tmux_->wait_for([](const std::string& now) {
    return line_with(now, "RULE").ends_with(" SHARE") ||
           now.contains("\nRULE                      PKT/S  BIT/S");
  });
  EXPECT_TRUE(text.starts_with("by packets/s")) << text;
  EXPECT_NE(line_with(text, "low"), "") << text;
  tmux_->resize(132, 40);
  text = tmux_->wait_for("PACKETS  BYTES");
  EXPECT_EQ(line_with(text, "RULE").size(), 132u) << text;
  tmux_->resize(8, 2);
  (void)tmux_->wait_for("too smal");
  tmux_->resize(80, 24);
  (void)tmux_->wait_for("SHARE");
  tmux_->press({"q"});
  expect_ended(0);
}

TEST_F(TopScreen, SurvivesSwapsAndAnInstanceThatIsGone) {
  start();
  send("v0", udp_to(1), 5);
  (void)tmux_->wait_for([](const std::string& text) {
    return line_with(text, "low").ends_with("5    300");
  });
  apply_rules({port_rule("other", 3, "pass"), port_rule("low", 1, "drop")});
  std::string text = tmux_->wait_for("generation 2");
  EXPECT_EQ(line_with(text, "web"), "") << text;
  EXPECT_NE(line_with(text, "other"), "") << text;
  EXPECT_TRUE(line_with(text, "low").ends_with("5    300")) << text;
  ASSERT_EQ(tool({"detach", "--all"}).exit_code, 0);
  text = tmux_->wait_for("there is none");
  EXPECT_NE(line_with(text, "low"), "") << text;
  apply_rules({port_rule("fresh", 1, "drop")});
  text = tmux_->wait_for("generation 1");
  EXPECT_NE(line_with(text, "fresh"), "") << text;
  tmux_->press({"q"});
  expect_ended(0);
}

TEST_F(TopScreen, ASignalGivesTheTerminalBack) {
  for (const int number : {SIGTERM, SIGINT}) {
    start();
    const std::string pid = pid_of_top();
    ASSERT_FALSE(pid.empty());
    ASSERT_EQ(::kill(std::stoi(pid), number), 0);
    expect_ended(0);
    tmux_->type_line("clear");
    (void)tmux_->wait_for([](const std::string& text) {
      return !text.contains("ENDED");
    });
  }
}

TEST_F(TopScreen, EndsWithTheTerminal) {
  start();
  const std::string pid = pid_of_top();
  ASSERT_FALSE(pid.empty());
  tmux_.reset();
  for (int i = 0; i < 300 && ::kill(std::stoi(pid), 0) == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_NE(::kill(std::stoi(pid), 0), 0);
}

TEST_F(TopScreen, ScrollsThroughManyRules) {
  Words rules;
  for (int port = 1; port <= 3000; ++port) {
    rules.push_back(port_rule(fmt::format("r{:04}", port), port, "drop"));
  }
  apply_rules(rules);
  start("--sort policy");
  (void)tmux_->wait_for("rows 1-18 of 3001");
  tmux_->press({"NPage", "Down"});
  std::string text = tmux_->wait_for("rows 20-37 of 3001");
  EXPECT_NE(line_with(text, "r0020"), "") << text;
  tmux_->press({"End"});
  text = tmux_->wait_for("rows 2984-3001 of 3001");
  EXPECT_NE(line_with(text, "(default)"), "") << text;
  tmux_->press({"q"});
  expect_ended(0);
}

TEST_F(TopScreen, SaysWhatIsWrongBeforeItDraws) {
  tmux_->type_line(fmt::format("clear; TERM=nonesuch {} top; echo ENDED $?",
                               XG_TOOL));
  const std::string text = tmux_->wait_for("ENDED 3");
  EXPECT_TRUE(text.contains("its kind is not known: TERM=nonesuch")) << text;
  tmux_->type_line(fmt::format(
      "clear; setpriv --reuid 65534 --clear-groups {} top; echo ENDED $?",
      XG_TOOL));
  (void)tmux_->wait_for("run as root");  // and not what stood there before
  (void)tmux_->wait_for("ENDED 3");
  tmux_->type_line(fmt::format("clear; {} top --name x; echo ENDED $?",
                               XG_TOOL));
  (void)tmux_->wait_for("no such instance");
  (void)tmux_->wait_for("ENDED 3");
}

}  // namespace
}  // namespace xdpgate::test
