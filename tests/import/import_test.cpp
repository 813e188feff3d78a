// SPDX-License-Identifier: GPL-2.0-only
// What the importers make of other tools' rules, as tables in cases/: the
// policy, which check takes, with what was left out in its head.
#include <gtest/gtest.h>

#include "import/iptables.h"
#include "import/nft.h"
#include "import/xdp_filter.h"
#include "policy/load.h"
#include "tests/support/case_file.h"

namespace xdpgate::test {
namespace {

std::string name_of(const testing::TestParamInfo<FileCase>& info) {
  return info.param.name;
}

auto cases(const std::string& file) {
  return testing::ValuesIn(read_cases("import/cases/" + file));
}

// The policy, or the complaint.
std::string text_of(const Parsed<Draft>& draft) {
  if (!draft) {
    return draft.error().message + "\n" +
           (draft.error().hint.empty() ? "" : draft.error().hint + "\n");
  }
  const std::string policy = draft->yaml();
  Diagnostics diagnostics;
  (void)parse_policy(policy, "imported", diagnostics);
  for (const auto& d : diagnostics.sorted()) {
    ADD_FAILURE() << d.text() << "\n" << policy;
  }
  return policy;
}

class ImportNft : public testing::TestWithParam<FileCase> {};
TEST_P(ImportNft, Makes) {
  EXPECT_EQ(text_of(import_nft(GetParam().input, "")), GetParam().expect);
}
INSTANTIATE_TEST_SUITE_P(Table, ImportNft, cases("nft.txt"), name_of);

class ImportIptables : public testing::TestWithParam<FileCase> {};
TEST_P(ImportIptables, Makes) {
  EXPECT_EQ(text_of(import_iptables(GetParam().input, "", std::nullopt)),
            GetParam().expect);
}
INSTANTIATE_TEST_SUITE_P(Table, ImportIptables, cases("iptables.txt"), name_of);

class ImportXdpFilter : public testing::TestWithParam<FileCase> {};
TEST_P(ImportXdpFilter, Makes) {
  EXPECT_EQ(text_of(import_xdp_filter(GetParam().input)), GetParam().expect);
}
INSTANTIATE_TEST_SUITE_P(Table, ImportXdpFilter, cases("xdp_filter.txt"),
                         name_of);

// Each chain twice in the one before: 2^16 times the last.
TEST(ImportIptables, ChainsThatGrowWithoutEndAreRefused) {
  std::string text = "*filter\n:INPUT ACCEPT [0:0]\n";
  std::string before = "INPUT";
  for (char c = 'A'; c <= 'P'; ++c) {
    const std::string chain(1, c);
    text += ":" + chain + " - [0:0]\n";
    for (int i = 0; i < 2; ++i) text += "-A " + before + " -j " + chain + "\n";
    before = chain;
  }
  for (int i = 0; i < 8; ++i) text += "-A P -p tcp -j DROP\n";
  const auto draft = import_iptables(text + "COMMIT\n", "", std::nullopt);
  ASSERT_FALSE(draft);
  EXPECT_EQ(draft.error().message, kTooMany);
}

TEST(ImportNft, WhatNftDoesNotPrintIsRefused) {
  const std::string chain =
      R"({"nftables": [{"chain": {"family": "inet", "table": "t", "name": "c",
      "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}},)";
  for (const char* rule :
       {R"({"rule": {"family": "inet", "table": "t", "chain": "c"}})",
        R"({"rule": {"family": "inet", "table": "t", "chain": "c",
            "expr": [7]}})",
        R"({"rule": {"family": "inet", "table": "t", "chain": "c",
            "expr": [{"vmap": {"key": {}}}]}})"}) {
    const auto draft = import_nft(chain + rule + "]}", "");
    EXPECT_FALSE(draft) << rule;
  }
}

TEST(ImportIptables, ChainAndFamilyCanBeChosen) {
  const std::string text =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n"
      "-A FORWARD -s fe80::/10 -j ACCEPT\nCOMMIT\n";
  const auto draft = import_iptables(text, "FORWARD", Family::kIpv6);
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->default_action, "drop");
  ASSERT_EQ(draft->rules.size(), 2u);
  EXPECT_EQ(
      draft->rules[1].keys,
      (std::vector<DraftKey>{{"family", "ipv6"}, {"src", "\"fe80::/10\""}}));
  EXPECT_FALSE(import_iptables(text, "NONE", std::nullopt));
}

}  // namespace
}  // namespace xdpgate::test
