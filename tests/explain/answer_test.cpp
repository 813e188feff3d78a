// SPDX-License-Identifier: GPL-2.0-only
// The evaluator's answer beside an engine's, and what is written down where
// they differ.
#include "explain/answer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "compile/compile.h"
#include "explain/bug_report.h"
#include "tests/explain/explained.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

const std::vector<std::string> kRules = {
    "{name: seen, match: {protocol: tcp}, action: count}",
    "{name: ssh, match: {dst_port: 22}, action: drop}"};
constexpr const char* kSsh = "tcp 192.0.2.1:1000 > 198.51.100.1:22 syn";

Answer image_answer(const Policy& policy, const std::string& words) {
  const auto engine = make_native_engine(compile(policy, {}).value());
  return answer_of("image", *engine, frame_of(words), 0).value();
}

Answer meant(const Policy& policy, const std::string& words) {
  const auto frame = frame_of(words);
  return answer_of(policy, dissect(frame, ""));
}

TEST(Answers, OfEvaluatorAndImageAgree) {
  const Policy policy = policy_of_rules(kRules);
  for (const char* words : {kSsh, "arp", "tcp 192.0.2.1:1 > 192.0.2.2:80"}) {
    const Answer one = meant(policy, words);
    const Answer other = image_answer(policy, words);
    EXPECT_TRUE(agree({one, other})) << words;
    EXPECT_EQ(outcome_text(policy, *one.says),
              outcome_text(policy, *other.says));
  }
  EXPECT_EQ(outcome_text(policy, *meant(policy, kSsh).says),
            "drop by rule `ssh`, counted by `seen`");
  EXPECT_EQ(outcome_text(policy, *meant(policy, "arp").says),
            "pass by default");
}

TEST(Answers, OfAnotherPolicyDisagree) {
  const Policy policy = policy_of_rules(kRules);
  const Policy uncounted = policy_of_rules({kRules[1], kRules[0]});
  const Answer right = meant(policy, kSsh);
  EXPECT_FALSE(agree({right, image_answer(uncounted, kSsh)}));
  Answer lie = right;
  lie.says->decision.verdict = XG_PASS;
  EXPECT_FALSE(agree({right, lie}));
  lie = right;
  lie.says->counted.clear();
  EXPECT_FALSE(agree({right, lie}));
}

TEST(Answers, ThatWereNotGivenAreNotCompared) {
  const Answer right = meant(policy_of_rules(kRules), kSsh);
  EXPECT_TRUE(agree({right, {"kernel", std::nullopt, "no root"}}));
  EXPECT_TRUE(agree({{"kernel", std::nullopt, "no root"}, right, right}));
}

TEST(BugReport, IsANewDirectoryOfItsOwner) {
  const TempDir dir;
  const auto first = write_report(dir.path(), {{"a.txt", "one\n"}, {"b", ""}});
  ASSERT_TRUE(first) << first.error().line();
  EXPECT_EQ(*first, dir.path() + "/xdpgate-report-1");
  EXPECT_EQ(dir.read("xdpgate-report-1/a.txt"), "one\n");
  struct stat info{};
  ASSERT_EQ(::stat(first->c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_EQ(write_report(dir.path(), {}).value(),
            dir.path() + "/xdpgate-report-2");
  const auto nowhere = write_report(dir.path() + "/none", {});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().cause, "No such file or directory");
}

}  // namespace
}  // namespace xdpgate::test
