// SPDX-License-Identifier: GPL-2.0-only
// xdpgate explain: one packet in words, digits or a capture.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tool.h"
#include "tests/support/capture_bytes.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSsh = "tcp 192.0.2.1:1000 > 198.51.100.1:22 syn";
const std::string kPolicy =
    "version: 1\n"
    "rules:\n"
    "  - {name: seen, match: {family: ipv4}, action: count}\n"
    "  - {name: web, match: {protocol: tcp, dst_port: 80}, action: pass}\n"
    "  - {name: from-eth1, match: {interface: eth1}, action: pass}\n"
    "  - {name: ssh, match: {dst_port: 22}, action: drop}\n";

class ExplainTest : public testing::Test {
 protected:
  Finished explain(Words more) {
    Words words = {"explain", policy_};
    words.insert(words.end(), more.begin(), more.end());
    return tool(words);
  }
  Json json_of(Words more) {
    more.emplace_back("--json");
    const auto ended = explain(more);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return Json::parse(ended.out);
  }

  const TempDir dir_;
  const std::string policy_ = dir_.write("p.yaml", kPolicy);
};

TEST_F(ExplainTest, JsonHasTheContractsFields) {
  const Json json = json_of({kSsh});
  EXPECT_EQ(json["verdict"], "drop");
  EXPECT_EQ(json["rule"], "ssh");
  EXPECT_EQ(json["class"], "ok");
  EXPECT_EQ(json["fields"]["src"], "192.0.2.1");
  EXPECT_EQ(json["fields"]["dst_port"], 22);
  EXPECT_EQ(json["offsets"]["dst_port"], 36);
  ASSERT_EQ(json["tried"].size(), 4u);
  EXPECT_EQ(json["tried"][0], Json::parse(R"({"rule": "seen", "failed": null,
            "asks": null, "has": null})"));
  EXPECT_EQ(json["tried"][1], Json::parse(R"({"rule": "web",
            "failed": "dst_port", "asks": "80", "has": "22"})"));
  EXPECT_EQ(json["tried"][2]["failed"], "interface");
  EXPECT_EQ(json["tried"][3]["rule"], "ssh");
  EXPECT_EQ(json["counted"], Json::parse(R"(["seen"])"));
  EXPECT_EQ(json["asked"]["image"], json["asked"]["evaluator"]);
}

TEST_F(ExplainTest, AsksTheKernelToo) {
  XG_NEED_BPF();
  const Json json = json_of({kSsh});
  EXPECT_EQ(json["asked"]["kernel"], json["asked"]["evaluator"]);
  EXPECT_EQ(json["asked"]["kernel"]["rule"], "ssh");
  const Json empty = json_of({"--hex", "0200"});
  EXPECT_EQ(empty["class"], "ether-short");
  EXPECT_EQ(empty["asked"]["kernel"]["not_asked"],
            "a test run takes no frame of 2 bytes");
}

TEST_F(ExplainTest, TheInterfaceMatters) {
  EXPECT_EQ(json_of({kSsh, "-i", "eth1"})["rule"], "from-eth1");
  EXPECT_EQ(json_of({std::string(kSsh) + " on eth1"})["rule"], "from-eth1");
  EXPECT_EQ(json_of({kSsh, "-i", "eth0"})["fields"]["interface"], "eth0");
}

TEST_F(ExplainTest, TakesAFrameOfACapture) {
  const Bytes query = ether(0x0800) + ipv4({.protocol = 17}, udp(8));
  const auto capture =
      dir_.write("c.pcap", pcap_head({}) + pcap_record(query, {1, 0}) +
                               pcap_record(ether(0x0806) + zeros(28), {2, 0}));
  EXPECT_EQ(json_of({"--pcap", capture})["fields"]["protocol"], "udp");
  EXPECT_EQ(json_of({"--pcap", capture, "--frame", "2"})["fields"]["ethertype"],
            "arp");
  const auto beyond = explain({"--pcap", capture, "--frame", "3"});
  EXPECT_EQ(beyond.exit_code, 3);
  EXPECT_EQ(beyond.err, "xdpgate: find frame 3: " + capture +
                            " has 2 frames\n");
  const auto absent = explain({"--pcap", capture + "x"});
  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_THAT(absent.err, HasSubstr("No such file"));
}

TEST_F(ExplainTest, HexMayHaveBlanksAndColons) {
  const std::string arp = "020000000002 02:00:00:00:00:01 0806 " +
                          std::string(56, '0');
  EXPECT_EQ(json_of({"--hex", arp})["fields"]["ethertype"], "arp");
}

TEST_F(ExplainTest, ShowsTheClosestOfMany) {
  std::string text = "version: 1\nrules:\n";
  for (int i = 0; i < 500; ++i) {
    text += fmt::format(
        "  - {{name: r{}, match: {{src: 10.0.{}.{}, protocol: {}}}, "
        "action: drop}}\n",
        i, i / 256, i % 256, i == 77 ? "tcp" : "udp");
  }
  const auto many = dir_.write("many.yaml", text);
  const auto ended = tool({"explain", many, kSsh, "--near", "1", "--json"});
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json["rules_tried"], 500);
  ASSERT_EQ(json["tried"].size(), 1u);
  EXPECT_EQ(json["tried"][0]["rule"], "r77");
  EXPECT_EQ(json["tried"][0]["failed"], "src");
  const auto all = tool({"explain", many, kSsh, "--all", "--json"});
  EXPECT_EQ(Json::parse(all.out)["tried"].size(), 500u);
  EXPECT_THAT(tool({"explain", many, kSsh}).out,
              HasSubstr("rules tried: 500; those that came closest:\n"));
}

TEST_F(ExplainTest, SaysWhatIsWrongWithTheCommandLine) {
  const std::pair<Words, std::string> cases[] = {
      {{}, "name a PACKET, or --pcap FILE --frame N"},
      {{"tpc 1.2.3.4:1 > 1.2.3.5:2"}, "did you mean `tcp`?"},
      {{"--hex", "abc"}, "`abc` is not a frame in hexadecimal digits"},
      {{kSsh, "--frame", "2"}, "--frame is for --pcap"},
      {{kSsh, "--pcap", "x.pcap"}, "PACKET or --pcap, not both"},
      {{"--pcap", "x.pcap", "--frame", "-1"}, "--frame: Value"},
      {{"--pcap", "x.pcap", "--frame", "0"}, "--frame: Value"},
      {{kSsh, "--near", "-1"}, "--near: Value"},
  };
  for (const auto& [words, message] : cases) {
    const auto ended = explain(words);
    EXPECT_EQ(ended.exit_code, 2) << message;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr(message));
    EXPECT_EQ(line_count(ended.err), 1u);
  }
  EXPECT_EQ(tool({"explain", dir_.write("w.yaml", kWrong), kSsh}).exit_code, 1);
}

}  // namespace
}  // namespace xdpgate::test
