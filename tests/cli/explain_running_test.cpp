// SPDX-License-Identifier: GPL-2.0-only
// xdpgate explain --running: a running instance is asked, and does not notice.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "compile/image.h"
#include "tests/cli/tool.h"
#include "tests/support/replaced_image.h"
#include "tests/support/running.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

constexpr const char* kDns = "udp 192.0.2.1:1000 > 198.51.100.1:53";

class ExplainRunning : public SystemTest {
 protected:
  static std::string put_in_force(const std::string& text) {
    const auto path = write_file(instance_name() + ".yaml", text);
    const auto ended = tool({"apply", path});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return path;
  }
  static Json ask(Words words) {
    words.insert(words.begin(), {"explain", "--running", instance_name()});
    words.emplace_back("--json");
    const auto ended = tool(words);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return Json::parse(ended.out);
  }
};

TEST_F(ExplainRunning, AsksAllThreeAndCountsNothing) {
  put_in_force(policy_text({"{name: seen, match: {protocol: udp}, action: "
                            "count}",
                            "{name: in, match: {interface: v1, dst_port: 53}, "
                            "action: drop}"}));
  const std::string before = picture();
  const Json json = ask({kDns});
  EXPECT_EQ(json["rule"], "in");
  EXPECT_EQ(json["fields"]["interface"], "v1");
  for (const char* who : {"evaluator", "image", "kernel"}) {
    EXPECT_EQ(json["asked"][who]["rule"], "in") << who;
    EXPECT_EQ(json["asked"][who]["counted"], Json::parse(R"(["seen"])")) << who;
  }
  EXPECT_EQ(json["running"],
            fmt::format("generation 1 of `{}`", instance_name()));
  EXPECT_EQ(ask({kDns, "-i", "v0"})["rule"], nullptr);
  EXPECT_EQ(counts().judged(), 0u);
  EXPECT_EQ(counts().packets("seen"), 0u);
  EXPECT_EQ(picture(), before);
}

TEST_F(ExplainRunning, KnowsWhatDynamicSetsHold) {
  put_in_force(fmt::format(
      "version: 1\nname: {}\ninterfaces: [v1]\nsets:\n"
      "  banned: {{type: address, dynamic: true, size: 64}}\n"
      "rules: [{{name: ban, match: {{src: \"@banned\"}}, action: drop}}]\n",
      instance_name()));
  EXPECT_EQ(ask({kDns})["rule"], nullptr);
  const auto added = tool({"set", "add", "banned", "192.0.2.0/28", "--name",
                           instance_name()});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  const Json json = ask({kDns});
  EXPECT_EQ(json["asked"]["evaluator"]["rule"], "ban");
  EXPECT_EQ(json["asked"]["image"]["rule"], "ban");
  EXPECT_EQ(json["asked"]["kernel"]["rule"], "ban");
  EXPECT_EQ(ask({"udp 192.0.2.16:1 > 192.0.2.99:53"})["rule"], nullptr);
}

TEST_F(ExplainRunning, GoesByTheSetFilesThatWereLoaded) {
  const auto feed = write_file("feed.txt", "192.0.2.1\n");
  put_in_force(fmt::format(
      "version: 1\nname: {}\ninterfaces: [v1]\nsets:\n"
      "  feed: {{type: address, file: feed.txt}}\n"
      "rules: [{{name: fed, match: {{src: \"@feed\"}}, action: drop}}]\n",
      instance_name()));
  EXPECT_EQ(ask({kDns})["asked"]["evaluator"]["rule"], "fed");
  write_file("feed.txt", "192.0.2.2\n");
  const Json json = ask({kDns});
  EXPECT_EQ(json["rule"], "fed");
  EXPECT_EQ(json["asked"]["kernel"]["rule"], "fed");
  EXPECT_THAT(std::string(json["asked"]["evaluator"]["not_asked"]),
              HasSubstr("set files"));
  EXPECT_TRUE(json["tried"].empty());
}

// Another image is pinned in the place of the filter's.
TEST_F(ExplainRunning, ReportsADisagreement) {
  put_in_force(policy_text({port_rule("dns", 53, "drop")}));
  replace_image(pins_of(instance_name()) + "/gen-1",
                [](std::span<std::uint8_t> image) {
                  image[ImageView(image).header().rules_off] = XG_PASS;
                });
  const auto ended =
      run({"sh", "-c",
           fmt::format("cd {} && {} explain --running {} '{}'",
                       scratch().string(), XG_TOOL, instance_name(), kDns)});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.out, HasSubstr("evaluator  drop by rule `dns`\n"
                                   "  image      pass by rule `dns`\n"
                                   "  kernel     pass by rule `dns`\n"));
  EXPECT_THAT(ended.err, HasSubstr("do not say the same"));
  EXPECT_THAT(ended.err, HasSubstr("./xdpgate-report-1"));
  EXPECT_THAT(tree(scratch().string() + "/xdpgate-report-1"),
              testing::UnorderedElementsAre(
                  "explanation.json", "explanation.txt", "image.bin",
                  "interface", "packet.hex", "policy.yaml", "versions.txt"));
}

TEST_F(ExplainRunning, SaysWhatIsWrong) {
  const auto none = tool({"explain", "--running", "none", kDns});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_THAT(none.err, HasSubstr("there is none"));
  EXPECT_EQ(tool({"explain", "--running", "none", "p.yaml", kDns}).exit_code,
            2);
  EXPECT_EQ(tool({"explain", "--running", "none"}).exit_code, 2);
}

}  // namespace
}  // namespace xdpgate::test
