// SPDX-License-Identifier: GPL-2.0-only
// xdpgate test: exit codes, what is printed where, JUnit XML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

const std::string kRules =
    "version: 1\n"
    "name: t\n"
    "rules:\n"
    "  - {name: ssh, match: {dst_port: 22}, action: drop}\n"
    "  - {name: dns, match: {dst_port: 53}, action: pass}\n"
    "tests:\n"
    "  - {packet: \"tcp 192.0.2.1:1 > 192.0.2.2:22\", expect: drop}\n";

class TestTest : public testing::Test {
 protected:
  const TempDir dir_;
  const std::string sound_ = dir_.write("s.yaml", kRules);
  const std::string failing_ = dir_.write(
      "f.yaml", kRules + "  - {packet: arp, expect: drop, rule: dns}\n");
};

TEST_F(TestTest, PassesQuietly) {
  const auto ended = tool({"test", sound_});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.out,
            sound_ + ": 1 test, 0 failed\nno test reaches dns\n");
}

TEST_F(TestTest, NamesFailuresWithTheirReason) {
  const auto ended = tool({"test", failing_});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.out,
            failing_ +
                ":8:5: failed: arp: pass by default; expected drop by rule "
                "`dns`\n"
                "    arp\n"
                "    rules tried: 2\n"
                "      rule   first key that failed  packet has\n"
                "      1 ssh  dst_port: 22           none\n"
                "      2 dns  dst_port: 53           none\n" +
                failing_ + ": 2 tests, 1 failed\nno test reaches dns\n");
}

TEST_F(TestTest, PrintsJson) {
  const auto ended = tool({"test", failing_, "--json"});
  EXPECT_EQ(ended.exit_code, 1);
  const Json json = Json::parse(ended.out);
  EXPECT_THAT(keys_of(json), testing::ElementsAre("tests", "passed", "failed",
                                                  "unreached"));
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["unreached"], Json::parse(R"(["dns"])"));
  EXPECT_EQ(json["tests"][1]["line"], 8);
  EXPECT_EQ(json["tests"][1]["passed"], false);
  EXPECT_EQ(json["tests"][1]["failures"].size(), 1u);
}

TEST_F(TestTest, WritesJunitXml) {
  const auto path = dir_.path() + "/out.xml";
  EXPECT_EQ(tool({"test", failing_, "--junit", path}).exit_code, 1);
  const std::string xml = dir_.read("out.xml");
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"t\" tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("line=\"8\""));
  const auto nowhere =
      tool({"test", sound_, "--junit", dir_.path() + "/none/out.xml"});
  EXPECT_EQ(nowhere.exit_code, 3);
  EXPECT_THAT(nowhere.err, HasSubstr("create " + dir_.path()));
}

TEST_F(TestTest, PacketsAreCheckedWithThePolicy) {
  const auto wrong =
      dir_.write("w.yaml", kRules + "  - {packet: arb, expect: drop}\n");
  for (const char* command : {"test", "check"}) {
    const auto ended = tool({command, wrong});
    EXPECT_EQ(ended.exit_code, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, testing::StartsWith(
                               wrong + ":8:14: error: a packet cannot begin "
                                       "with `arb`"));
  }
}

TEST_F(TestTest, CapturesLieBesideThePolicy) {
  const auto policy = dir_.write(
      "sub/p.yaml", kRules + "  - {pcap: ../none.pcap, expect: drop}\n");
  EXPECT_THAT(tool({"test", policy}).out,
              HasSubstr("read " + dir_.path() + "/sub/../none.pcap: No such"));
}

TEST_F(TestTest, APolicyWithoutTestsSaysSo) {
  const auto ended = tool_reading(kSound, {"test", "-"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.out, "-: no tests\n");
}

}  // namespace
}  // namespace xdpgate::test
