// SPDX-License-Identifier: GPL-2.0-only
// The commands that say what runs, with a filter running and with none.
#include "tests/support/running.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/cli/tool.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/packet_socket.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Running : public SystemTest {
 protected:
  Finished apply_to_v1() {
    const auto path = write_file(instance_name() + ".yaml",
                                 policy_text({port_rule("dns", 53, "drop"),
                                              port_rule("b", 54, "pass")}));
    return tool({"apply", path, "--json"});
  }
};

TEST_F(Running, NothingIsSaidOfNothing) {
  EXPECT_EQ(tool({"status"}).out, "no filter is running\n");
  EXPECT_EQ(tool({"status", "--json"}).out, "[]\n");
  EXPECT_EQ(tool({"status"}).exit_code, 0);
  for (const Words& words :
       {Words{"stats"}, {"show"}, {"stats", "--json"}, {"stats", "dns"}}) {
    const auto ended = tool(words);
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.err,
              "xdpgate: find a running filter: there is none; `xdpgate apply "
              "POLICY` starts one\n");
  }
  EXPECT_EQ(tool({"detach", "--all"}).exit_code, 0);
}

TEST_F(Running, ApplyNeedsAnInterface) {
  const auto path = write_file("p.yaml", kSound);
  const auto none = tool({"apply", path});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("no interface"));
  const auto unknown = tool({"apply", path, "-i", "nope0"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_EQ(unknown.out, "");
  EXPECT_EQ(line_count(unknown.err), 1u) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("nope0"));
}

TEST_F(Running, ApplyOfAWrongPolicyIsRejected) {
  const auto ended = tool({"apply", write_file("p.yaml", kWrong), "-i", "v1"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(tool({"status", "--json"}).out, "[]\n");
}

TEST_F(Running, ApplySaysWhatItDid) {
  const auto first = apply_to_v1();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  const Json json = Json::parse(first.out);
  EXPECT_EQ(json["instance"], instance_name());
  EXPECT_EQ(json["changed"], true);
  EXPECT_EQ(json["generation"], 1);
  EXPECT_EQ(json["interfaces"][0]["name"], "v1");
  EXPECT_EQ(json["interfaces"][0]["mode"], "native");
  const auto again = apply_to_v1();
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out)["changed"], false);
  EXPECT_EQ(Json::parse(again.out)["generation"], 1);
}

TEST_F(Running, StatusSaysWhatRunsWhere) {
  ASSERT_EQ(apply_to_v1().exit_code, 0);
  const auto ended = tool({"status", "--json"});
  EXPECT_EQ(ended.exit_code, 0);
  const Json json = Json::parse(ended.out);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_THAT(keys_of(json[0]),
              ElementsAre("instance", "generation", "age_s", "digest", "rules",
                          "image_bytes", "damage", "interfaces", "verdicts", "lease",
                          "before", "notes"));
  EXPECT_EQ(json[0]["instance"], instance_name());
  EXPECT_EQ(json[0]["rules"], 2);
  EXPECT_THAT(keys_of(json[0]["interfaces"][0]),
              ElementsAre("name", "ifindex", "mode", "why", "dispatcher",
                          "alone", "verdicts"));
  const auto text = tool({"status"});
  EXPECT_THAT(text.out,
              testing::StartsWith(instance_name() + ": generation 1"));
  EXPECT_THAT(text.out, HasSubstr("\n  v1: native"));
}

TEST_F(Running, StatsHaveTheContractsFields) {
  ASSERT_EQ(apply_to_v1().exit_code, 0);
  send("v0", udp_to(53), 3);
  (void)counts_after(3);
  const auto ended = tool({"stats", "--json"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const Json json = Json::parse(ended.out);
  EXPECT_THAT(keys_of(json),
              testing::IsSupersetOf({"instance", "generation", "rules",
                                     "default", "malformed", "verdicts"}));
  ASSERT_EQ(json["rules"].size(), 2u);
  EXPECT_EQ(json["rules"][0]["name"], "dns");
  EXPECT_EQ(json["rules"][0]["packets"], 3);
  EXPECT_EQ(json["rules"][0]["bytes"], 3 * udp_to(53).size());
  EXPECT_EQ(json["rules"][1]["name"], "b");
  EXPECT_EQ(json["verdicts"]["drop"]["packets"], 3);
  EXPECT_THAT(keys_of(json["malformed"]), testing::Contains("tcp-short"));
}

TEST_F(Running, StatsOfSomeRules) {
  ASSERT_EQ(apply_to_v1().exit_code, 0);
  EXPECT_EQ(Json::parse(tool({"stats", "b", "--json"}).out)["rules"].size(),
            1u);
  const auto unknown = tool({"stats", "dsn"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_EQ(unknown.err,
            fmt::format("xdpgate: find the rule `dsn`: `{}` has none of that "
                        "name; did you mean `dns`?\n",
                        instance_name()));
}

TEST_F(Running, ShowPrintsThePolicyAsItWas) {
  ASSERT_EQ(apply_to_v1().exit_code, 0);
  const auto text =
      policy_text({port_rule("dns", 53, "drop"), port_rule("b", 54, "pass")});
  EXPECT_EQ(tool({"show"}).out, text);
  EXPECT_EQ(Json::parse(tool({"show", "--json"}).out)["source"], text);
  EXPECT_EQ(tool({"show", "--name", instance_name()}).out, text);
  const auto unknown = tool({"show", "--name", "other"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_EQ(line_count(unknown.err), 1u) << unknown.err;
}

TEST_F(Running, DetachSaysWhatItTookOff) {
  ASSERT_EQ(apply_to_v1().exit_code, 0);
  const auto other = tool({"detach", "v0"});
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_EQ(line_count(other.err), 1u) << other.err;
  EXPECT_EQ(tool({"detach", "v1"}).out,
            instance_name() + ": detached from v1\n");
  EXPECT_EQ(tool({"status"}).out, "no filter is running\n");
  ASSERT_EQ(apply_to_v1().exit_code, 0);
  EXPECT_EQ(tool({"detach", "--all", "--json"}).out,
            fmt::format(R"([{{"instance":"{}","interface":"v1"}}])",
                        instance_name()) +
                "\n");
}

}  // namespace
}  // namespace xdpgate::test
