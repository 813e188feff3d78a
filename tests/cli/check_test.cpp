// SPDX-License-Identifier: GPL-2.0-only
// xdpgate check: exit codes, streams, colour, JSON.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/cli/tool.h"

namespace xdpgate::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST(Check, SoundPolicyIsOneLineOfSizeAndCost) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", kSound);
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out,
              MatchesRegex(".*p.yaml: ok: 1 rule, image [0-9.]+ [KMG]?i?B, "
                           "built in [0-9.]+ s, at most [0-9,]+ steps? a "
                           "packet\n"));
}

TEST(Check, ErrorsGoToStandardErrorInOrder) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", kWrong);
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err,
            path +
                ":2:10: error: `accept` is not a value of `default`\n"
                "  hint: write `pass`\n" +
                path +
                ":3:27: error: `pas` is not a value of `action`\n"
                "  hint: did you mean `pass`?\n");
}

TEST(Check, WarningsLetAPolicyPass) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", kWarned);
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, path + ":3:8: warning: no rule uses the set `s`\n");
  EXPECT_THAT(ended.out, HasSubstr("ok: 1 rule"));
}

TEST(Check, ReadsStandardInput) {
  EXPECT_EQ(tool_reading(kSound, {"check", "-"}).exit_code, 0);
  const auto ended = tool_reading(kWrong, {"check", "-"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, testing::StartsWith("-:2:10: error: "));
}

TEST(Check, InstanceIsCalledAfterTheFile) {
  const TempDir dir;
  const auto ended =
      tool({"check", dir.write("a b.yaml", std::string("version: 1\n"))});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("1:1: error: the policy has no `name`, and "
                                   "its file's, `a b`, cannot be one"));
}

TEST(Check, WhatCannotBeReadIsTheSystemsFault) {
  const TempDir dir;
  const std::string none = dir.path() + "/none.yaml";
  for (bool json : {false, true}) {
    Words arguments = {"check", none};
    if (json) arguments.push_back("--json");
    const auto ended = tool(arguments);
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.err, "xdpgate: read " + none +
                             ": No such file or directory; POLICY is a file, "
                             "or - for standard input\n");
  }
  EXPECT_EQ(tool({"check", dir.path()}).exit_code, 3);
}

TEST(Check, MoreThan256MegabytesAreRejected) {
  const TempDir dir;
  const std::string big = "version: 1\n#" + std::string(256 << 20, 'x');
  const auto path = dir.write("p.yaml", big);
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, path +
                           ": error: the file has more than 268435456 bytes\n"
                           "  hint: put long address and port lists in set "
                           "files\n");
}

TEST(Check, SetFileThatCannotBeReadIsAnErrorOfThePolicy) {
  const TempDir dir;
  const auto path = dir.write(
      "p.yaml",
      std::string("version: 1\nsets: {s: {type: address, file: none.txt}}\n"));
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, path + ":2:33: error: cannot read " + dir.path() +
                           "/none.txt: No such file or directory\n");
}

TEST(Check, PacketsOfTestsAreReadAlsoWhereRulesAreWrong) {
  const TempDir dir;
  const auto path = dir.write(
      "p.yaml",
      std::string("version: 1\n"
                  "rules: [{name: a, match: {ttl: 300}, action: pass}]\n"
                  "tests: [{packet: tcp 1.2.3.4:5 > 1.2.3.4:99999, expect: "
                  "pass}]\n"));
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("p.yaml:2:32: error: "));
  EXPECT_THAT(ended.err, HasSubstr("p.yaml:3:18: error: "));
}

// ---- JSON ----

const Words kFindingKeys = {"file", "line", "column", "message", "hint"};

Json json_of(const Finished& ended) {
  EXPECT_EQ(line_count(ended.out), 1u) << ended.out;
  return Json::parse(ended.out);
}

TEST(CheckJson, OfASoundPolicy) {
  const TempDir dir;
  const auto ended = tool({"check", dir.write("p.yaml", kSound), "--json"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  const Json json = json_of(ended);
  EXPECT_THAT(keys_of(json),
              ElementsAre("errors", "warnings", "rules", "image_bytes",
                          "build_s", "worst_steps", "worst", "lint"));
  EXPECT_EQ(json["errors"], Json::array());
  EXPECT_EQ(json["warnings"], Json::array());
  EXPECT_EQ(json["rules"], 1);
  EXPECT_GT(json["image_bytes"], 0);
  EXPECT_GT(json["build_s"], 0);
  EXPECT_EQ(json["worst_steps"], 1);
  EXPECT_EQ(json["worst"]["leaf_records"], 0);  // the rule takes all
  EXPECT_EQ(json["worst"]["searches"], 1);
  EXPECT_THAT(keys_of(json["lint"]),
              ElementsAre("settled", "complete", "seconds"));
  EXPECT_EQ(json["lint"]["settled"], 1);
  EXPECT_EQ(json["lint"]["complete"], true);
}

TEST(Check, WhatDrivesALongWorstCaseIsTold) {
  const TempDir dir;
  std::string text = "version: 1\nname: p\ndefault: pass\nrules:\n";
  for (int i = 0; i < 20; ++i) {
    text += fmt::format(
        "  - {{name: r{0}, match: {{payload: {{at: data, offset: {0}, bytes: "
        "\"ff\"}}}}, action: drop}}\n",
        i);
  }
  const auto ended = tool({"check", dir.write("p.yaml", text)});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("steps a packet (20 rules overlap in one place, from "
                        "`r0` on)\n"));
}

TEST(CheckJson, OfErrors) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", kWrong);
  const auto ended = tool({"check", path, "--json"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, "");
  const Json json = json_of(ended);
  EXPECT_THAT(keys_of(json),
              ElementsAre("errors", "warnings", "rules", "image_bytes",
                          "build_s", "worst_steps", "worst", "lint"));
  ASSERT_EQ(json["errors"].size(), 2u);
  EXPECT_EQ(json["errors"][0],
            Json({{"file", path},
                  {"line", 2},
                  {"column", 10},
                  {"message", "`accept` is not a value of `default`"},
                  {"hint", "write `pass`"}}));
  EXPECT_EQ(keys_of(json["errors"][1]), kFindingKeys);
  EXPECT_EQ(json["rules"], nullptr);
}

TEST(CheckJson, OfWarnings) {
  const TempDir dir;
  const auto path = dir.write(
      "p.yaml", std::string("version: 1\ndefault: drop\n"
                            "sets: {s: {type: port, elements: [80]}}\n"));
  const Json json = json_of(tool({"check", path, "--json"}));
  EXPECT_EQ(json["errors"], Json::array());
  Words kinds;
  for (const Json& warning : json["warnings"]) {
    Words keys = kFindingKeys;
    keys.insert(keys.end(), {"kind", "rules", "witness"});
    EXPECT_EQ(keys_of(warning), keys);
    EXPECT_TRUE(warning["rules"].is_array());
    EXPECT_TRUE(warning["witness"].is_string());
    kinds.push_back(warning["kind"]);
  }
  EXPECT_THAT(kinds,
              ElementsAre("lockout", "lockout", "lockout", "unused-set"));
}

// The witness is a packet of the dead rule that the other one decides.
TEST(CheckJson, OfRulesThatCanNeverMatch) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", kShadowed);
  const Json json = json_of(tool({"check", path, "--json"}));
  ASSERT_EQ(json["warnings"].size(), 1u);
  EXPECT_EQ(json["warnings"][0],
            Json({{"file", path},
                  {"line", 4},
                  {"column", 10},
                  {"message",
                   "the rule `b` can never match: `a` before it "
                   "takes all its packets"},
                  {"hint", "leave it out, or move it up before that rule"},
                  {"kind", "shadowed"},
                  {"rules", {"b", "a"}},
                  {"witness", "tcp 10.0.0.1:40000 > 198.51.100.1:80 syn"}}));
}

TEST(CheckJson, HasNotesWhereTheyAreAskedFor) {
  const TempDir dir;
  const auto path = dir.write(
      "p.yaml",
      std::string("version: 1\nrules:\n"
                  "- {name: a, match: {src: 10.0.0.1}, action: drop}\n"
                  "- {name: b, match: {src: 10.0.0.0/8}, action: pass}\n"));
  EXPECT_FALSE(json_of(tool({"check", path, "--json"})).contains("notes"));
  const Json json = json_of(tool({"check", path, "--json", "--notes"}));
  ASSERT_EQ(json["notes"].size(), 1u);
  EXPECT_EQ(json["notes"][0]["kind"], "partly");
  EXPECT_EQ(json["notes"][0]["rules"], Json({"b", "a"}));
  EXPECT_EQ(json["warnings"], Json::array());
}

// ---- lint ----

TEST(Check, WarnsOfTheSessionThatItRunsIn) {
  const TempDir dir;
  const auto path =
      dir.write("p.yaml", std::string("version: 1\nrules:\n"
                                      "- {name: a, match: {dst_port: 22}, "
                                      "action: drop}\n"));
  auto in_session = [&](const char* session) {
    return tool({"check", path}, {.before_exec = [=] {
                  return ::setenv("SSH_CONNECTION", session, 1) == 0;
                }});
  };
  const auto ended = in_session("203.0.113.9 51234 198.51.100.7 22");
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.err,
              HasSubstr(":3:10: warning: this policy cuts off the SSH session "
                        "that you are in, from 203.0.113.9 to port 22"));
  EXPECT_EQ(in_session("203.0.113.9 51234 198.51.100.7 2222").err, "");
  EXPECT_THAT(in_session("::ffff:203.0.113.9 5 ::ffff:198.51.100.7 22").err,
              HasSubstr("from 203.0.113.9 to port 22"));
  EXPECT_THAT(in_session("fe80::1%eth0 5 fe80::2%eth0 22").err,
              HasSubstr("from fe80::1 to port 22"));
  for (const char* strange :
       {"", "x y z", "1 2 3 4", "fe80::1 5 10.0.0.1 22"}) {
    EXPECT_EQ(in_session(strange).err, "") << strange;
  }
}

// The address of the session is this host's, by lo.
TEST(Check, SessionByAnotherInterfaceIsSafe) {
  const TempDir dir;
  auto checked = [&](const std::string& interface) {
    const auto path =
        dir.write("p.yaml", fmt::format("version: 1\ninterfaces: [{}]\nrules:\n"
                                        "- {{name: a, match: {{dst_port: 22}}, "
                                        "action: drop}}\n",
                                        interface));
    return tool({"check", path},
                {.before_exec =
                     [] {
                       return ::setenv("SSH_CONNECTION",
                                       "127.0.0.1 5 127.0.0.1 22", 1) == 0;
                     }})
        .err;
  };
  EXPECT_EQ(checked("eth0"), "");
  EXPECT_THAT(checked("lo"), HasSubstr("cuts off the SSH session"));
}

TEST(Check, SaysHowFarItGotInTheTime) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", kShadowed);
  const auto ended = tool({"check", path, "--budget", "0"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err,
            "xdpgate: note: 0 of 2 rules were looked at in 0 s, the others "
            "may never match; --budget gives more time\n");
  EXPECT_EQ(tool({"check", path, "--budget", "-1"}).exit_code, 2);
  EXPECT_EQ(tool({"check", path, "--budget", "soon"}).exit_code, 2);
}

TEST(CheckJson, NamesFilesThatAreNotUtf8) {
  const TempDir dir;
  const auto path = dir.write("\xff.yaml", kWrong);
  const Json json = json_of(tool({"check", path, "--json"}));
  EXPECT_EQ(json["errors"][0]["file"], dir.path() + "/\xef\xbf\xbd.yaml");
}

// ---- colour ----

// What `check` of two errors prints to standard error where that is a
// terminal.
std::string on_terminal(const std::string& path, const char* no_color) {
  const Fd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (::grantpt(terminal.get()) != 0 || ::unlockpt(terminal.get()) != 0) {
    throw std::runtime_error("no terminal");
  }
  const Fd other(::open(::ptsname(terminal.get()), O_RDWR | O_NOCTTY));
  const auto ended =
      tool({"check", path}, {.before_exec = [&] {
             if (no_color) ::setenv("NO_COLOR", no_color, 1);
             return ::dup2(other.get(), STDERR_FILENO) == STDERR_FILENO;
           }});
  EXPECT_EQ(ended.exit_code, 1);
  char text[4096];
  const auto size = ::read(terminal.get(), text, sizeof text);
  return std::string(text,
                     static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
}

TEST(Colour, OnATerminalOnly) {
  ::unsetenv("NO_COLOR");
  const TempDir dir;
  const auto path = dir.write("p.yaml", kWrong);
  EXPECT_THAT(on_terminal(path, nullptr),
              HasSubstr(":2:10: \033[31merror:\033[0m `accept`"));
  EXPECT_THAT(on_terminal(path, ""), HasSubstr("\033["));  // no-color.org
  for (const char* value : {"1", "0"}) {
    const auto plain = on_terminal(path, value);
    EXPECT_THAT(plain, HasSubstr(":2:10: error: `accept`"));
    EXPECT_EQ(plain.find('\033'), std::string::npos);
  }
  EXPECT_EQ(tool({"check", path}).err.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace xdpgate::test
