// SPDX-License-Identifier: GPL-2.0-only
// Every kind of mistake: the whole text of the error, its place and its hint,
// as tables in cases/.
#include <gtest/gtest.h>

#include "tests/policy/checked.h"
#include "tests/support/case_file.h"

namespace xdpgate::test {
namespace {

std::string name_of(const testing::TestParamInfo<FileCase>& info) {
  return info.param.name;
}

auto cases(const std::string& file) {
  return testing::ValuesIn(read_cases("policy/cases/" + file));
}

// The keys of one match; line 7, the first character in column 13.
class MatchError : public testing::TestWithParam<FileCase> {};

TEST_P(MatchError, Says) {
  std::string keys = GetParam().input;
  keys.pop_back();  // the line end
  auto checked = check_text(
      "version: 1\n"
      "sets:\n"
      "  web: {type: port, elements: [80, 443]}\n"
      "  blocklist: {type: address, elements: [192.0.2.0/24]}\n"
      "rules:\n"
      "  - name: r\n"
      "    match: {" +
      keys + "}\n    action: pass\n");
  EXPECT_FALSE(checked.policy);
  EXPECT_EQ(checked.findings(), GetParam().expect);
}

INSTANTIATE_TEST_SUITE_P(Link, MatchError, cases("match_link.txt"), name_of);
INSTANTIATE_TEST_SUITE_P(Address, MatchError, cases("match_address.txt"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Header, MatchError, cases("match_header.txt"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Transport, MatchError, cases("match_transport.txt"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Icmp, MatchError, cases("match_icmp.txt"), name_of);
INSTANTIATE_TEST_SUITE_P(Payload, MatchError, cases("match_payload.txt"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Key, MatchError, cases("match_key.txt"), name_of);

// Whole policies, all of whose errors come out in one run and in order.
class PolicyError : public testing::TestWithParam<FileCase> {};

TEST_P(PolicyError, Says) {
  auto checked = check_text(GetParam().input);
  EXPECT_FALSE(checked.policy);
  EXPECT_EQ(checked.findings(), GetParam().expect);
}

INSTANTIATE_TEST_SUITE_P(Settings, PolicyError, cases("settings.txt"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Sets, PolicyError, cases("sets.txt"), name_of);
INSTANTIATE_TEST_SUITE_P(Rules, PolicyError, cases("rules.txt"), name_of);
INSTANTIATE_TEST_SUITE_P(Limits, PolicyError, cases("limits.txt"), name_of);
INSTANTIATE_TEST_SUITE_P(Tests, PolicyError, cases("tests.txt"), name_of);

// Policies that are sound and still worth a word.
class PolicyWarning : public testing::TestWithParam<FileCase> {};

TEST_P(PolicyWarning, Says) {
  auto checked = check_text(GetParam().input);
  EXPECT_TRUE(checked.policy);
  EXPECT_EQ(checked.findings(), GetParam().expect);
}

INSTANTIATE_TEST_SUITE_P(Warnings, PolicyWarning, cases("warnings.txt"),
                         name_of);

}  // namespace
}  // namespace xdpgate::test
