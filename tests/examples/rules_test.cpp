// SPDX-License-Identifier: GPL-2.0-only
// rules/: every example loads without a word of warning, and makes of the
// captures what the table in pcaps/README.md says, in both engines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "compile/compile.h"
#include "explain/test_run.h"
#include "tests/support/markdown_table.h"
#include "tests/support/privilege.h"
#include "tests/support/replay_counts.h"

namespace xdpgate::test {
namespace {

constexpr std::size_t kExpectedCells = 5;

// policy | capture | interface | verdicts | counters
std::vector<TableRow> documented_replays() {
  return table_rows("pcaps/README.md", ".yaml");
}

std::set<std::string> examples() {
  std::set<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(XG_SOURCE_DIR "/rules")) {
    if (entry.path().extension() == ".yaml") {
      names.insert(entry.path().filename().string());
    }
  }
  return names;
}

TEST(Examples, CheckWithoutWarnings) {
  EXPECT_GE(examples().size(), 5u);
  for (const std::string& name : examples()) {
    EXPECT_NO_THROW({
      const Policy policy = clean_policy("rules/" + name);
      EXPECT_FALSE(policy.rules.empty());
    }) << name;
  }
}

TEST(Examples, AreAllReplayed) {
  std::set<std::string> replayed;
  for (const TableRow& row : documented_replays()) {
    EXPECT_EQ(row.size(), kExpectedCells) << row[0];
    replayed.insert(row[0]);
  }
  EXPECT_EQ(replayed, examples());
}

// Every rule of an example is the reason for a count somewhere in the table.
TEST(Examples, HaveNoRuleThatIsNeverShown) {
  for (const std::string& name : examples()) {
    std::string shown;
    for (const TableRow& row : documented_replays()) {
      if (row[0] == name) shown += ", " + row.at(4);
    }
    for (const Rule& rule : clean_policy("rules/" + name).rules) {
      EXPECT_NE(shown.find(", " + rule.name + " "), std::string::npos)
          << name << ": " << rule.name;
    }
  }
}

TEST(Examples, PassTheirOwnTests) {
  for (const std::string& name : examples()) {
    const Policy policy = clean_policy("rules/" + name);
    const auto ifindex = [&](const std::string& interface) {
      return pseudo_ifindex(policy, interface);
    };
    TestRun run(policy, compile(policy, {ifindex}).value(),
                XG_SOURCE_DIR "/rules");
    EXPECT_GE(policy.tests.size(), 5u) << name;
    for (const PolicyTest& test : policy.tests) {
      EXPECT_THAT(run.run(test).failures, testing::IsEmpty())
          << name << ":" << test.at.line;
    }
    EXPECT_THAT(run.unreached(), testing::IsEmpty()) << name;
    EXPECT_FALSE(run.disagreement()) << name;
  }
}

class ExampleReplay : public testing::TestWithParam<TableRow> {
 protected:
  static void compare(EngineChoice choice) {
    const TableRow& row = GetParam();
    const ReplayCounts counts =
        replay(clean_policy("rules/" + row.at(0)),
               frames_of("pcaps/" + row.at(1)), row.at(2), choice);
    EXPECT_EQ(counts.verdicts, row.at(3));
    EXPECT_EQ(counts.counters, row.at(4));
  }
};

TEST_P(ExampleReplay, NativeCountsAsDocumented) {
  compare(EngineChoice::kNative);
}

TEST_P(ExampleReplay, KernelCountsAsDocumented) {
  XG_NEED_BPF();
  compare(EngineChoice::kKernel);
}

std::string row_name(const testing::TestParamInfo<TableRow>& info) {
  std::string name = info.param.at(0) + "_" + info.param.at(1);
  if (!info.param.at(2).empty()) name += "_" + info.param.at(2);
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Readme, ExampleReplay,
                         testing::ValuesIn(documented_replays()), row_name);

}  // namespace
}  // namespace xdpgate::test
