// SPDX-License-Identifier: GPL-2.0-only
// xdpgate suggest: its output is a policy that check and test accept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

const std::string kPcaps = XG_SOURCE_DIR "/pcaps/";

TEST(SuggestTest, ItsOutputPassesItsOwnTests) {
  const TempDir dir;
  for (const char* capture : {"mixed.pcapng", "malformed.pcap", "scan.pcap"}) {
    const auto ended = tool({"suggest", kPcaps + capture});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    const auto policy = dir.write("p.yaml", ended.out);
    const auto checked = tool({"check", policy});
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
    const auto tested = tool({"test", policy});
    EXPECT_EQ(tested.exit_code, 0) << tested.out;
    EXPECT_THAT(tested.out, HasSubstr("1 test, 0 failed"));
  }
}

TEST(SuggestTest, SeveralCapturesAreOneProposal) {
  const auto ended =
      tool({"suggest", kPcaps + "tcp.pcap", kPcaps + "dns.pcap", "--name",
            "both", "--max-rules", "20"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("\nname: both\n"));
  EXPECT_THAT(ended.out, HasSubstr("tcp.pcap\", expect: {pass: 38, drop: 0}}"));
  EXPECT_THAT(ended.out,
              HasSubstr("dns.pcap\", expect: {pass: 454, drop: 0}}"));
}

TEST(SuggestTest, PrintsJson) {
  const auto words = tool({"suggest", kPcaps + "malformed.pcap"});
  const auto ended = tool({"suggest", kPcaps + "malformed.pcap", "--json"});
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json["policy"], words.out);
  EXPECT_EQ(json["frames"], 28);
  EXPECT_EQ(json["malformed"], 26);
}

TEST(SuggestTest, SaysWhatIsWrong) {
  EXPECT_EQ(tool({"suggest"}).exit_code, 2);
  EXPECT_EQ(tool({"suggest", "x.pcap", "--max-rules", "3"}).exit_code, 2);
  EXPECT_EQ(tool({"suggest", "x.pcap", "--max-talkers", "-1"}).exit_code, 2);
  EXPECT_EQ(tool({"suggest", "x.pcap", "--prefix", "33"}).exit_code, 2);
  EXPECT_EQ(tool({"suggest", "x.pcap", "--name", "a b"}).exit_code, 2);
  EXPECT_EQ(tool({"suggest", "-", "-"}).exit_code, 2);
  const auto absent = tool({"suggest", "none.pcap"});
  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_EQ(absent.out, "");
  EXPECT_THAT(absent.err, HasSubstr("none.pcap: No such file"));
}

}  // namespace
}  // namespace xdpgate::test
