// SPDX-License-Identifier: GPL-2.0-only
// stats --watch: reports until it is told to stop, or nobody listens.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;

class Watch : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    put_on_v1(image_of(policy_text({port_rule("low", 1, "drop")})));
    open_pipe();
  }

  void open_pipe() {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_ = Fd(ends[0]);
    write_ = Fd(ends[1]);
    text_.clear();
  }

  Child watch(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"stats", "--watch", "50ms"};
    words.insert(words.end(), more.begin(), more.end());
    Child child = Child::start(tool_argv(words), {.stdout_fd = write_.get()});
    write_.reset();  // so that the child's is the only one
    return child;
  }
  // Reads until `text` has come, or the other end is closed.
  void read_until(const std::string& text) {
    pollfd waiting{read_.get(), POLLIN, 0};
    while (!text_.contains(text) && ::poll(&waiting, 1, 10'000) > 0) {
      if (!read_some()) return;
    }
  }
  void read_rest() {
    while (read_some()) {
    }
  }
  bool read_some() {
    char buffer[4096];
    const ssize_t got = ::read(read_.get(), buffer, sizeof(buffer));
    if (got > 0) text_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

  Fd read_, write_;
  std::string text_;
};

TEST_F(Watch, ReportsAgainAndAgainAndEndsCleanlyWhenInterrupted) {
  for (const auto& [signal, sum] : {std::pair(SIGINT, 4), {SIGTERM, 8}}) {
    open_pipe();
    Child child = watch({"--json"});
    read_until("\n");
    send("v0", udp_to(1), 4);
    read_until(fmt::format("\"name\":\"low\",\"packets\":{},", sum));
    child.signal(signal);
    const auto done = child.wait(Milliseconds(2'000));
    ASSERT_TRUE(done) << "it goes on";
    EXPECT_EQ(done->exit_code, 0);
    EXPECT_EQ(done->err, "");
    read_rest();
    ASSERT_TRUE(text_.ends_with("\n")) << text_;
    std::istringstream lines(text_);
    std::uint64_t before = 0;
    for (std::string line; std::getline(lines, line);) {
      const auto packets = Json::parse(line)["rules"][0]["packets"];
      EXPECT_GE(packets.get<std::uint64_t>(), before);
      before = packets;
    }
    EXPECT_EQ(before, static_cast<std::uint64_t>(sum));
  }
}

TEST_F(Watch, EndsWhenNobodyReadsAnyMore) {
  Child child = watch();
  read_until("low");
  EXPECT_TRUE(text_.contains("low")) << text_;
  read_.reset();
  const auto done = child.wait(Milliseconds(5'000));
  ASSERT_TRUE(done) << "it goes on";
  EXPECT_EQ(done->exit_code, 0);
  EXPECT_EQ(done->err, "");
}

TEST_F(Watch, GivesRatesFromTheSecondReportOn) {
  Traffic traffic("v0", {udp_to(1)});
  Child child = watch({"--nonzero", "low"});
  read_until("packets/s");
  child.signal(SIGINT);
  ASSERT_TRUE(child.wait(Milliseconds(2'000)));
  read_rest();
  const auto rates = text_.find("packets/s");
  ASSERT_NE(rates, std::string::npos) << text_;
  EXPECT_FALSE(text_.contains("\033")) << "no terminal, no escapes";
  EXPECT_TRUE(text_.find("gen 1", rates) != std::string::npos);
}

TEST_F(Watch, GoesOnThroughSwapsAndEndsWithTheInstance) {
  Child child = watch({"--json"});
  read_until("\"generation\":1");
  put_on_v1(image_of(policy_text({port_rule("high", 2, "drop")})));
  read_until("\"generation\":2");
  ASSERT_TRUE(detach(instance_name(), {}));
  const auto done = child.wait(Milliseconds(5'000));
  ASSERT_TRUE(done) << "it goes on";
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->err,
            "xdpgate: find a running filter: there is none; `xdpgate apply "
            "POLICY` starts one\n");
  read_rest();
  EXPECT_TRUE(text_.contains("\"generation\":2")) << text_;
}

TEST_F(Watch, SortsAndLeavesOutAndNamesWhatIsMissing) {
  put_on_v1(image_of(policy_text({port_rule("few", 1, "drop"),
                                  port_rule("many", 2, "drop"),
                                  port_rule("none", 3, "drop")})));
  send("v0", udp_to(1), 1);
  send("v0", udp_to(2), 5);
  ASSERT_EQ(counts_after(6).judged(), 6u);
  const Finished sorted =
      tool({"stats", "--json", "--nonzero", "--sort", "packets"});
  const Json rules = Json::parse(sorted.out)["rules"];
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0]["name"], "many");
  EXPECT_EQ(rules[1]["name"], "few");
  const Finished missing = tool({"stats", "manny"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_TRUE(missing.err.contains("many")) << missing.err;
}

}  // namespace
}  // namespace xdpgate::test
