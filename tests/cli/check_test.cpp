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

TEST(Check, MoreThan64MegabytesAreRejected) {
  const TempDir dir;
  const std::string big = "version: 1\n#" + std::string(64 << 20, 'x');
  const auto path = dir.write("p.yaml", big);
  const auto ended = tool({"check", path});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, path +
                           ": error: the file has more than 67108864 bytes\n"
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
                          "build_s", "worst_steps"));
  EXPECT_EQ(json["errors"], Json::array());
  EXPECT_EQ(json["warnings"], Json::array());
  EXPECT_EQ(json["rules"], 1);
  EXPECT_GT(json["image_bytes"], 0);
  EXPECT_GT(json["build_s"], 0);
  EXPECT_GE(json["worst_steps"], 1);
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
                          "build_s", "worst_steps"));
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
  EXPECT_THAT(kinds, ElementsAre("lockout", "lockout", "unused-set"));
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
