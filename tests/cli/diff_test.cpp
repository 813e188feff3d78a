// SPDX-License-Identifier: GPL-2.0-only
// xdpgate diff: exit codes, words, JSON, captures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace xdpgate::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kBefore =
    "version: 1\nrules:\n"
    "- {name: ssh, match: {protocol: tcp, dst_port: 22}, action: drop}\n";
const std::string kAfter =
    "version: 1\nrules:\n"
    "- {name: office, match: {src: 203.0.113.0/24}, action: pass}\n"
    "- {name: ssh, match: {protocol: tcp, dst_port: 22}, action: drop}\n"
    "- {name: dns, match: {protocol: udp, dst_port: 53}, action: drop}\n";

class DiffTool : public testing::Test {
 protected:
  Finished diff(Words options = {}) {
    Words arguments = {"diff", dir_.write("old.yaml", kBefore),
                       dir_.write("new.yaml", kAfter)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return tool(arguments);
  }

  const TempDir dir_;
};

TEST_F(DiffTool, SaysWhatChangesForWhom) {
  const auto ended = diff();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.out,
            "drop -> pass: src: 203.0.113.0/24, protocol: tcp, dst_port: 22\n"
            "  was decided by rule `ssh`, is now by rule `office`\n"
            "  packet: tcp 203.0.113.1:40000 > 198.51.100.1:22 syn\n"
            "pass -> drop: protocol: udp, dst_port: 53\n"
            "  not what these decide first: `office`\n"
            "  was decided by no rule, is now by rule `dns`\n"
            "  packet: udp 192.0.2.1:40000 > 198.51.100.1:53\n");
}

TEST_F(DiffTool, EndsWithOneWhereItIsAsked) {
  EXPECT_EQ(diff({"--exit-code"}).exit_code, 1);
  const auto path = dir_.write("same.yaml", kBefore);
  const auto same = tool({"diff", path, path, "--exit-code"});
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_EQ(same.out, "");
  EXPECT_EQ(same.err, "");
  EXPECT_EQ(tool({"diff", path, path, "--json"}).out, "[]\n");
}

TEST_F(DiffTool, SaysWhereABridgeSendsWhatPasses) {
  const auto host = dir_.write("host.yaml", kBefore);
  const auto bridge = dir_.write("bridge.yaml", kBefore + "bridge: [e0, e1]\n");
  const auto ended = tool({"diff", host, bridge});
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err,
            "xdpgate: note: what passes went to the host, and now goes to the "
            "other port of the bridge of e0 and e1\n");
  EXPECT_EQ(tool({"diff", bridge, bridge}).err, "");
}

TEST_F(DiffTool, PrintsAnArray) {
  const Json json = Json::parse(diff({"--json"}).out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[1], Json({{"packet", "udp 192.0.2.1:40000 > 198.51.100.1:53"},
                           {"old", {{"verdict", "pass"}, {"rule", nullptr}}},
                           {"new", {{"verdict", "drop"}, {"rule", "dns"}}},
                           {"region", "protocol: udp, dst_port: 53"},
                           {"except", Json::array({"office"})}}));
}

TEST_F(DiffTool, WeighsByCaptures) {
  const std::string capture =
      std::string(XG_SOURCE_DIR) + "/pcaps/mixed.pcapng";
  const auto ended = diff({"--traffic", capture});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.out, HasSubstr("  traffic: "));
  const Json json = Json::parse(diff({"--traffic", capture, "--json"}).out);
  EXPECT_THAT(keys_of(json[0]), ElementsAre("packet", "old", "new", "region",
                                            "except", "packets", "bytes"));
  const auto packets =
      json[0]["packets"].get<int>() + json[1]["packets"].get<int>();
  EXPECT_GT(packets, 0);
  EXPECT_EQ(diff({"--traffic", dir_.path() + "/none.pcap"}).exit_code, 3);
}

TEST_F(DiffTool, RejectsWhatCheckRejects) {
  const auto wrong = dir_.write("wrong.yaml", kWrong);
  const auto right = dir_.write("right.yaml", kBefore);
  EXPECT_EQ(tool({"diff", wrong, right}).exit_code, 1);
  EXPECT_EQ(tool({"diff", right, wrong}).exit_code, 1);
  EXPECT_EQ(tool({"diff", right}).exit_code, 2);
  EXPECT_EQ(tool({"diff", "-", "-"}).exit_code, 2);
  EXPECT_EQ(tool({"diff", right, dir_.path() + "/none"}).exit_code, 3);
}

TEST_F(DiffTool, SaysThatTheTimeEnded) {
  EXPECT_THAT(
      diff({"--budget", "0"}).err,
      HasSubstr("the search did not get to its end within 0 s; there may "
                "be more differences"));
}

}  // namespace
}  // namespace xdpgate::test
