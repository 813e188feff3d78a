// SPDX-License-Identifier: GPL-2.0-only
// What a user without any privilege can do, and what is said of the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/cli/tool.h"
#include "tests/support/capture_bytes.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

// The tool, a policy and a capture where everybody may read them.
class Nobody : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(tool_argv({})[0], tool_);
    ::chmod(dir_.path().c_str(), 0755);
    ::chmod(tool_.c_str(), 0755);
  }
  Finished as_nobody(Words arguments) {
    Words words = {tool_};
    if (::geteuid() == 0) {
      words = {"setpriv",        "--reuid=65534",  "--regid=65534",
               "--clear-groups", "--no-new-privs", tool_};
    }
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run(words);
  }

  const TempDir dir_;
  const std::string tool_ = dir_.path() + "/xdpgate";
  const std::string policy_ = dir_.write("p.yaml", kSound);
  const std::string capture_ = dir_.write(
      "c.pcap", pcap_head() + pcap_record(ether(0x0806) + zeros(28)));
};

TEST_F(Nobody, Checks) {
  const auto ended = as_nobody({"check", policy_});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("ok: 1 rule"));
}

TEST_F(Nobody, ReplaysNatively) {
  const auto ended =
      as_nobody({"replay", "--engine", "native", policy_, capture_});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, testing::StartsWith("1 frames\n"));
}

TEST_F(Nobody, ExplainsWithoutTheKernel) {
  const auto ended = as_nobody({"explain", policy_, "arp"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("  evaluator  pass by rule `a`\n"
                                   "  image      pass by rule `a`\n"
                                   "  kernel     not asked: load the filter: "
                                   "Operation not permitted; "));
}

TEST_F(Nobody, IsToldOfTheNativeEngine) {
  const auto ended = as_nobody({"replay", policy_, capture_});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(line_count(ended.err), 1u) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("--engine native"));
}

TEST_F(Nobody, IsRefusedWithOneLine) {
  for (const Words& words : {Words{"apply", policy_, "-i", "lo"},
                             {"status"},
                             {"stats"},
                             {"show"},
                             {"detach", "--all"}}) {
    const auto ended = as_nobody(words);
    EXPECT_EQ(ended.exit_code, 3) << words[0] << ended.out;
    EXPECT_EQ(ended.out, "") << words[0];
    EXPECT_EQ(line_count(ended.err), 1u) << words[0] << ended.err;
    EXPECT_THAT(ended.err, testing::StartsWith("xdpgate: "));
    EXPECT_THAT(ended.err, HasSubstr("root")) << words[0];
  }
}

// What needs no rights is told all the same.
TEST_F(Nobody, IsToldByDoctorWhatHeMayNotAsk) {
  const auto ended = as_nobody({"doctor", "lo"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out,
              HasSubstr("  error    privilege: not root\n"
                        "           cause: this process lacks CAP_BPF"));
  EXPECT_THAT(ended.out, HasSubstr("           fix: sudo xdpgate doctor\n"));
  EXPECT_THAT(ended.out,
              HasSubstr("  note     program: not asked whether the kernel"));
  EXPECT_THAT(ended.out, HasSubstr("\nlo\n  ok       link: up\n"));
  EXPECT_THAT(ended.out, testing::Not(HasSubstr("rm -r")));
}

TEST_F(Nobody, CannotReadWhatIsNotHis) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to own a file";
  ::chmod(policy_.c_str(), 0600);
  const auto ended = as_nobody({"check", policy_});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.err, "xdpgate: read " + policy_ +
                           ": Permission denied; POLICY is a file, or - for "
                           "standard input\n");
}

}  // namespace
}  // namespace xdpgate::test
