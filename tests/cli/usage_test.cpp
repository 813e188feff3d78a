// SPDX-License-Identifier: GPL-2.0-only
// Help, and what is said of a command line that cannot be meant.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Help, OfTheToolNamesEveryCommand) {
  const auto help = tool({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.err, "");
  EXPECT_THAT(commands(),
              testing::IsSupersetOf({"check", "apply", "detach", "status",
                                     "stats", "show", "replay"}));
  EXPECT_THAT(help.out, HasSubstr("Exit codes: 0 done; 1 "));
}

TEST(Help, OfEveryCommand) {
  for (const std::string& command : commands()) {
    for (const char* option : {"--help", "-h"}) {
      const auto help = tool({command, option});
      EXPECT_EQ(help.exit_code, 0) << command;
      EXPECT_EQ(help.err, "") << command;
      EXPECT_THAT(help.out, HasSubstr("Usage: xdpgate " + command));
      EXPECT_THAT(help.out, HasSubstr("--json")) << command;
    }
  }
}

TEST(Version, IsOneLine) {
  const auto version = tool({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, testing::MatchesRegex("xdpgate [0-9.]+\n"));
}

struct UsageCase {
  std::string name;
  Words arguments;
  std::string says;  ///< between "xdpgate" and the way to the help
};

void PrintTo(const UsageCase& usage_case, std::ostream* out) {
  *out << usage_case.name;
}

class Usage : public testing::TestWithParam<UsageCase> {};

TEST_P(Usage, IsExplainedInOneLine) {
  const auto& [name, arguments, says] = GetParam();
  const auto ended = tool(arguments);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(line_count(ended.err), 1u);
  EXPECT_THAT(ended.err, StartsWith("xdpgate" + says));
  EXPECT_THAT(ended.err, HasSubstr("; see `xdpgate"));
  EXPECT_THAT(ended.err, testing::EndsWith(" --help`\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Line, Usage,
    testing::Values(
        UsageCase{
            "nothing", {}, ": name a command: check, apply, confirm, rollback, detach, "
            "status"},
        UsageCase{"command_misspelt",
                  {"chek", "p.yaml"},
                  ": there is no command `chek` (did you mean `check`?)"},
        UsageCase{"command_begun",
                  {"rep"},
                  ": there is no command `rep` (did you mean `replay`?)"},
        UsageCase{"command_far",
                  {"frobnicate"},
                  ": there is no command `frobnicate`"},
        UsageCase{"help_as_command",
                  {"help", "check"},
                  " check: `help` is written `--help`, behind the command"},
        UsageCase{"option_of_the_tool",
                  {"--versoin"},
                  ": there is no option `--versoin` (did you mean "
                  "`--version`?)"},
        UsageCase{"option_misspelt",
                  {"check", "--jsn", "p.yaml"},
                  " check: there is no option `--jsn` (did you mean "
                  "`--json`?)"},
        UsageCase{"option_with_value",
                  {"apply", "p", "--mod=native"},
                  " apply: there is no option `--mod` (did you mean "
                  "`--mode`?)"},
        UsageCase{"option_of_another_command",
                  {"check", "--engine", "p"},
                  " check: there is no option `--engine`"},
        UsageCase{"no_policy", {"check"}, " check: POLICY is required"},
        UsageCase{"two_policies",
                  {"check", "p.yaml", "q.yaml"},
                  " check: one argument too many: `q.yaml`"},
        UsageCase{
            "no_capture", {"replay", "p.yaml"}, " replay: PCAP is required"},
        UsageCase{"engine",
                  {"replay", "p", "c", "--engine", "nativ"},
                  " replay: --engine: `nativ` is not one of kernel, native "
                  "(did you mean `native`?)"},
        UsageCase{"mode",
                  {"apply", "p", "--mode", "skb"},
                  " apply: --mode: `skb` is not one of auto, native, generic"},
        UsageCase{"sort",
                  {"stats", "--sort", "rate"},
                  " stats: --sort: `rate` is not one of policy, packets, "
                  "bytes, name, changed"},
        UsageCase{"interface_without_name",
                  {"apply", "p", "-i"},
                  " apply: --interface: 1 required IF missing"},
        UsageCase{"watch_without_unit",
                  {"stats", "--watch", "5x"},
                  " stats: --watch: "},
        UsageCase{"watch_backwards",
                  {"stats", "--watch", "-1s"},
                  " stats: --watch: "},
        UsageCase{"top_without_a_terminal",
                  {"top"},
                  " top: it needs a terminal; `xdpgate stats --watch 1s` "
                  "writes to files and pipes"},
        UsageCase{"top_by_what",
                  {"top", "--sort", "rates"},
                  " top: --sort: `rates` is not one of packets/s, bytes/s, "
                  "over/s, packets, name, policy"},
        UsageCase{"doctor_for_what",
                  {"doctor", "--mode", "skb"},
                  " doctor: --mode: `skb` is not one of auto, native, "
                  "generic"},
        UsageCase{"status_takes_nothing",
                  {"status", "edge"},
                  " status: one argument too many: `edge`"},
        UsageCase{"detach_nothing",
                  {"detach"},
                  " detach: name an interface, --name NAME or --all"},
        UsageCase{"detach_all_and_one",
                  {"detach", "--all", "eth0"},
                  " detach: --all goes without IF and --name"},
        UsageCase{"standard_input_twice",
                  {"replay", "-", "-"},
                  " replay: standard input can be read once only"},
        UsageCase{"written_to_standard_output",
                  {"replay", "p", "c", "--pass", "-"},
                  " replay: captures are written to files, not to `-`"},
        UsageCase{
            "written_twice",
            {"replay", "p", "c", "--pass", "/tmp/x", "--drop", "/tmp/../tmp/x"},
            " replay: --pass and --drop name the same file"},
        UsageCase{"written_over_what_is_read",
                  {"replay", "p", "/tmp/c", "--drop", "/tmp/./c"},
                  " replay: /tmp/./c is read, so not written"}),
    [](const auto& info) { return info.param.name; });

// ---- standard streams that are closed, full, or that nobody reads ----

// How `xdpgate WORDS` ends with the shell's redirection behind it.
int ends(const std::string& words) {
  return run({"sh", "-c", "exec " XG_TOOL " " + words}).exit_code;
}

TEST(Streams, DiagnosticsThatNobodyCanReadChangeNothing) {
  const TempDir dir;
  const std::string warned = dir.write(
      "w.yaml", std::string("version: 1\nsets: {x: {type: port, elements: [1]}}\n"
                            "rules: []\n"));
  for (const char* lost : {"2>&-", "2>/dev/full"}) {
    EXPECT_EQ(ends(fmt::format("nonsense {}", lost)), 2) << lost;
    EXPECT_EQ(ends(fmt::format("check {} {}", warned, lost)), 0) << lost;
    EXPECT_EQ(ends(fmt::format("check /nowhere {}", lost)), 3) << lost;
  }
  const Finished unread =
      run({"bash", "-c", "sleep 1 | " XG_TOOL " nonsense 2>&1 | true; exit "
                         "${PIPESTATUS[1]}"});
  EXPECT_EQ(unread.exit_code, 2);
}

TEST(Streams, OutputThatCannotBeWrittenIsTold) {
  for (const char* words : {"--help", "--version", "check --help", "schema"}) {
    EXPECT_EQ(ends(fmt::format("{} >/dev/full", words)), 3) << words;
    EXPECT_EQ(ends(fmt::format("{} >&-", words)), 3) << words;
  }
}

}  // namespace
}  // namespace xdpgate::test
