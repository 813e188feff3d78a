// SPDX-License-Identifier: GPL-2.0-only
// xdpgate replay with the native engine: counts, lines, JSON, files written,
// and captures that cannot be read.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pcap/capture.h"
#include "tests/cli/tool.h"
#include "tests/support/capture_bytes.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

const Bytes kTcp = ether(0x0800) + ipv4({}, tcp());                 // 54 bytes
const Bytes kUdp = ether(0x0800) + ipv4({.protocol = 17}, udp(8));  // 42
const Bytes kShort = ether(0x0800) + ipv4({});  // no TCP header; 34
const Bytes kArp = ether(0x0806) + zeros(28);   // 42
const Bytes kCapture = pcap_head({.magic = kNanoseconds}) +
                       pcap_record(kTcp, {1, 2}) + pcap_record(kUdp, {1, 3}) +
                       pcap_record(kShort, {1, 4}) +
                       pcap_record(cut(kArp, 20), {1, 999'999'999}, 60);

const std::string kPolicy =
    "version: 1\n"
    "rules:\n"
    "  - {name: seen, match: {family: ipv4}, action: count}\n"
    "  - {name: ssh, match: {dst_port: 22}, action: drop}\n"
    "  - {name: dns, match: {dst_port: 53}, action: pass}\n";

class ReplayTest : public testing::Test {
 protected:
  Finished replay(Words more, const std::string& engine = "native") {
    Words words = {"replay", "--engine", engine, policy_, capture_};
    words.insert(words.end(), more.begin(), more.end());
    return tool(words);
  }

  const TempDir dir_;
  const std::string policy_ = dir_.write("p.yaml", kPolicy);
  const std::string capture_ = dir_.write("c.pcap", kCapture);
};

TEST_F(ReplayTest, CountsWhatIsWithinALimitAndBeyondIt) {
  const std::string policy = dir_.write(
      "limit.yaml",
      std::string("version: 1\nrules:\n  - {name: r, action: pass, "
                  "limit: {rate: 1/d, burst: 1}}\n"));
  const std::string capture = dir_.write(
      "two.pcap", pcap_head({.magic = kNanoseconds}) +
                      pcap_record(kTcp, {1, 2}) + pcap_record(kUdp, {1, 3}));
  const Words words = {"replay", "--engine", "native", policy, capture};
  EXPECT_THAT(tool(words).out,
              testing::AllOf(
                  HasSubstr("r                 2     96\n"),
                  HasSubstr("r (within)        1     54\n"),
                  HasSubstr("r (over)          1     42\n")));
  Words json = words;
  json.emplace_back("--json");
  EXPECT_THAT(tool(json).out,
              HasSubstr("\"within\":{\"packets\":1,\"bytes\":54},"
                        "\"over\":{\"packets\":1,\"bytes\":42}"));
}

TEST_F(ReplayTest, CountsPerRuleAndVerdict) {
  const auto ended = replay({});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.out,
            "4 frames\n"
            "rule                   packets  bytes\n"
            "seen                         2     96\n"
            "ssh                          1     54\n"
            "dns                          1     42\n"
            "(default)                    1     60\n"
            "(malformed) tcp-short        1     34\n"
            "= drop                       2     88\n"
            "= pass                       2    102\n");
}

TEST_F(ReplayTest, CoverageNamesTheRulesThatNothingReached) {
  const auto words = replay({"--coverage"});
  EXPECT_EQ(words.exit_code, 0);
  EXPECT_THAT(words.out, testing::EndsWith("reached 3 of 3 rules\n"));
  const auto more =
      dir_.write("m.yaml", kPolicy + "  - {name: ftp, match: {dst_port: 21}, "
                                     "action: drop}\n");
  const Words command = {"replay", "--engine", "native", more, capture_,
                         "--coverage"};
  EXPECT_THAT(tool(command).out,
              testing::EndsWith("reached 3 of 4 rules\nnever: ftp\n"));
  Words with_json = command;
  with_json.emplace_back("--json");
  EXPECT_EQ(Json::parse(tool(with_json).out)["coverage"],
            Json::parse(R"({"reached": ["seen", "ssh", "dns"],
                            "never": ["ftp"]})"));
  EXPECT_EQ(replay({"--coverage", "--packets"}).exit_code, 2);
}

TEST_F(ReplayTest, JsonHasTheContractsFields) {
  const auto ended = replay({"--json"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(Json::parse(ended.out), Json::parse(
                                        R"({"frames": 4,
              "verdicts": {"drop": 2, "pass": 2, "redirect": 0, "reject": 0},
              "rules": {"seen": {"packets": 2, "bytes": 96},
                        "ssh": {"packets": 1, "bytes": 54},
                        "dns": {"packets": 1, "bytes": 42}},
              "classes": {"ok": 3, "tcp-short": 1}})"));
  EXPECT_THAT(keys_of(Json::parse(ended.out)),
              testing::ElementsAre("frames", "verdicts", "rules", "classes"));
}

TEST_F(ReplayTest, PacketsAreALineEach) {
  const auto ended = replay({"--packets"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.out, fmt::format("{0}:1: drop by `ssh`, ok\n"
                                   "{0}:2: pass by `dns`, ok\n"
                                   "{0}:3: drop by no rule, tcp-short\n"
                                   "{0}:4: pass by no rule, ok\n",
                                   capture_));
}

TEST_F(ReplayTest, PacketsAsJson) {
  const auto ended = replay({"--packets", "--json"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(
      ended.out,
      fmt::format(
          R"({{"file":"{0}","frame":1,"verdict":"drop","rule":"ssh","class":"ok"}}
{{"file":"{0}","frame":2,"verdict":"pass","rule":"dns","class":"ok"}}
{{"file":"{0}","frame":3,"verdict":"drop","rule":null,"class":"tcp-short"}}
{{"file":"{0}","frame":4,"verdict":"pass","rule":null,"class":"ok"}}
)",
          capture_));
}

TEST_F(ReplayTest, FramesAreCountedAnewInEachFile) {
  const auto other =
      dir_.write("d.pcapng", section() + interface() + packet(kTcp));
  const auto ended = replay({other, "--packets"});
  EXPECT_THAT(ended.out, HasSubstr(other + ":1: drop by `ssh`, ok\n"));
  EXPECT_EQ(Json::parse(replay({other, "--json"}).out)["frames"], 5);
}

std::string frames_of(const std::string& path) {
  auto reader = CaptureReader::open(path);
  if (!reader) return reader.error().line();
  std::string text;
  for (Frame frame; reader->next(frame).value_or(false);) {
    text += fmt::format("{}/{} at {}; ", frame.captured_bytes,
                        frame.bytes.size(), frame.time.count());
  }
  return text;
}

TEST_F(ReplayTest, WritesWhatPassedAndWhatWasDropped) {
  const std::string passed = dir_.path() + "/pass.pcap",
                    dropped = dir_.path() + "/drop.pcap";
  const auto ended = replay({"--pass", passed, "--drop", dropped});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(frames_of(passed), "42/42 at 1000000003; 20/60 at 1999999999; ");
  EXPECT_EQ(frames_of(dropped), "54/54 at 1000000002; 34/34 at 1000000004; ");
}

TEST_F(ReplayTest, ReadsStandardInput) {
  const auto ended = tool_reading(
      kCapture, {"replay", "--engine", "native", policy_, "-", "--packets"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, testing::StartsWith("-:1: drop by `ssh`, ok\n"));
  EXPECT_EQ(line_count(ended.out), 4u);
  EXPECT_EQ(tool_reading(kPolicy, {"replay", "--engine", "native", "-",
                                   capture_, "--name", "x"})
                .exit_code,
            2);
  EXPECT_EQ(
      tool_reading(kPolicy, {"replay", "--engine", "native", "-", capture_})
          .exit_code,
      0);
}

TEST_F(ReplayTest, InterfaceIsTheOneNamed) {
  const auto policy = dir_.write(
      "i.yaml", std::string("version: 1\nrules:\n  - {name: a, match: "
                            "{interface: eth7}, action: drop}\n"));
  const auto drops = [&](Words more) {
    Words words = {"replay", "--engine", "native", policy, capture_, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return Json::parse(tool(words).out)["rules"]["a"]["packets"];
  };
  EXPECT_EQ(drops({}), 0);
  EXPECT_EQ(drops({"-i", "eth7"}), 3);
  EXPECT_EQ(drops({"-i", "eth8"}), 0);
}

struct FailCase {
  std::string name;
  Bytes capture;
  std::string says;  ///< with `C` for the capture
};

class ReplayFails : public ReplayTest,
                    public testing::WithParamInterface<FailCase> {};

TEST_P(ReplayFails, WithOneLine) {
  const auto bad = dir_.write("bad.pcap", GetParam().capture);
  const auto ended = tool({"replay", "--engine", "native", policy_, bad});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "");
  std::string says = GetParam().says;
  says.replace(says.find('C'), 1, bad);
  EXPECT_EQ(ended.err, "xdpgate: " + says + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Capture, ReplayFails,
    testing::Values(
        FailCase{
            "empty", {}, "read C: it is empty; pcap and pcapng files are read"},
        FailCase{"garbage", zeros(500),
                 "read C: it is no capture; pcap and pcapng files are read"},
        FailCase{"truncated", cut(kCapture, kCapture.size() - 1),
                 "read frame 4 of C: truncated dump file; tried to read 20 "
                 "captured bytes, only got 19; the frames before it are "
                 "sound"},
        FailCase{"link_type", pcap_head({.link_type = 105}),
                 "read C: its link type is IEEE802_11 (105); Ethernet, raw IP "
                 "and Linux cooked captures are read"}),
    [](const auto& info) { return info.param.name; });

TEST_F(ReplayTest, FailsWhereACaptureIsMissing) {
  const auto ended = replay({dir_.path() + "/none.pcap"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.err, "xdpgate: read " + dir_.path() +
                           "/none.pcap: No such file or directory; a capture "
                           "is a file, or - for standard input\n");
}

TEST_F(ReplayTest, FailsWhereItCannotWrite) {
  const auto ended = replay({"--pass", dir_.path() + "/none/out.pcap"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("xdpgate: write " + dir_.path() +
                                   "/none/out.pcap: No such file"));
  EXPECT_EQ(replay({"--drop", "/dev/full"}).exit_code, 3);
}

TEST_F(ReplayTest, FailsWhereThePolicyIsRejected) {
  const auto wrong = dir_.write("w.yaml", kWrong);
  const auto ended = tool({"replay", "--engine", "native", wrong, capture_});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, testing::StartsWith(wrong + ":2:10: error: "));
}

TEST_F(ReplayTest, KernelSaysTheSame) {
  XG_NEED_BPF();
  for (const Words& words :
       {Words{}, {"--json"}, {"--packets"}, {"--packets", "--json"}}) {
    const auto kernel = replay(words, "kernel");
    EXPECT_EQ(kernel.exit_code, 0) << kernel.err;
    EXPECT_EQ(kernel.out, replay(words).out);
  }
}

}  // namespace
}  // namespace xdpgate::test
