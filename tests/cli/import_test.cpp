// SPDX-License-Identifier: GPL-2.0-only
// xdpgate import: exit codes, streams, JSON; what is made of the rules is in
// tests/import.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

const std::string kSaid =
    "*filter\n:INPUT DROP [0:0]\n"
    "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
const std::string kNotSaid =
    "*filter\n:INPUT DROP [0:0]\n"
    "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n";

TEST(Import, PrintsAPolicyThatCheckTakes) {
  const TempDir dir;
  const auto ended =
      tool({"import", "iptables", dir.write("rules", kSaid), "--name", "host"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, HasSubstr("name: host\ndefault: drop\n"));
  const auto checked =
      tool({"check", dir.write("host.yaml", ended.out), "--json"});
  EXPECT_EQ(Json::parse(checked.out)["errors"], Json::array());
}

TEST(Import, NamesWhatCannotBeSaid) {
  const TempDir dir;
  const auto path = dir.write("rules", kNotSaid);
  const auto ended = tool({"import", "iptables", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err,
            path +
                ": line 3: not translated: -A INPUT -m conntrack --ctstate "
                "ESTABLISHED -j ACCEPT: the filter keeps no connections "
                "(`-m conntrack`)\n");
  EXPECT_THAT(ended.out, HasSubstr("# Left out, line 3: -A INPUT"));
  const Json json =
      Json::parse(tool({"import", "iptables", path, "--json"}).out);
  EXPECT_EQ(json["left_out"][0]["where"], "line 3");
  EXPECT_EQ(json["policy"].get<std::string>(), ended.out);
}

TEST(Import, ReadsStandardInput) {
  const auto ended = tool_reading(kSaid, {"import", "iptables", "-"});
  EXPECT_EQ(ended.exit_code, 0);
}

TEST(Import, RefusesWhatIsNotThatTools) {
  const TempDir dir;
  const auto path = dir.write("rules", kSaid);
  const auto ended = tool({"import", "xdp-filter", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, path +
                           ": error: this is not what `xdp-filter status` "
                           "prints\n");
  EXPECT_EQ(tool({"import", "ipchains", path}).exit_code, 2);
  EXPECT_EQ(tool({"import", "nft", dir.path() + "/none"}).exit_code, 3);
  EXPECT_EQ(tool_reading(kSaid, {"import", "nft", "-"}).exit_code, 3);
  const auto chain = tool({"import", "iptables", path, "--chain", "OUTPUT"});
  EXPECT_EQ(chain.exit_code, 1);
  EXPECT_THAT(chain.err, HasSubstr("there is no built-in chain `OUTPUT`"));
}

// nft reads its own language, in a network of its own.
TEST(Import, AsksNftToReadItsLanguage) {
  if (::geteuid() != 0 || run({"sh", "-c", "command -v nft"}).exit_code != 0) {
    GTEST_SKIP() << "needs root and nft";
  }
  const TempDir dir;
  const auto path = dir.write(
      "rules.nft",
      std::string("table inet t {\n  chain in {\n"
                  "    type filter hook input priority 0; policy drop;\n"
                  "    tcp dport { 22, 80 } accept\n  }\n}\n"));
  const auto ended = tool({"import", "nft", path});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("match: {protocol: tcp, dst_port: [22, 80]}"));
  const auto wrong = dir.write("wrong.nft", std::string("table inet {\n"));
  const auto refused = tool({"import", "nft", wrong});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err,
              HasSubstr(wrong + ": error: these are no rules that nft takes"));
}

}  // namespace
}  // namespace xdpgate::test
