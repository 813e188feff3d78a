// SPDX-License-Identifier: GPL-2.0-only
// Every capture of pcaps/ through every policy of rules/, in by each interface
// that the policy names and by another one: the three engines agree.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/support/privilege.h"
#include "tests/support/replay_counts.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

// The files of a folder of the tree, relative to it, whose extension begins so.
std::vector<std::string> files_of(const std::string& folder,
                                  std::string_view extension) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(XG_SOURCE_DIR) / folder)) {
    if (entry.path().extension().string().starts_with(extension)) {
      files.push_back(folder + "/" + entry.path().filename().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

std::set<std::string> interfaces_of(const Policy& policy) {
  std::set<std::string> names(policy.interfaces.begin(),
                              policy.interfaces.end());
  for (const Rule& rule : policy.rules) {
    if (!rule.match.interface) continue;
    names.insert(rule.match.interface->names.begin(),
                 rule.match.interface->names.end());
  }
  names.insert("another");
  return names;
}

// Judges all frames and returns how many judgements that were.
std::size_t judge_all(const Policy& policy, const std::vector<Frame>& frames,
                      Kernel kernel) {
  ThreeEngines engines(policy, kernel);
  std::size_t pairs = 0;
  for (const std::string& interface : interfaces_of(policy)) {
    for (const Frame& frame : frames) {
      EXPECT_EQ(engines.judge(frame.bytes, interface), "")
          << "frame " << frame.number;
      ++pairs;
    }
  }
  EXPECT_EQ(engines.compare_counters(), "");
  return pairs;
}

void judge_everything(Kernel kernel) {
  const auto policies = files_of("rules", ".yaml");
  const auto captures = files_of("pcaps", ".pcap");
  ASSERT_FALSE(policies.empty());
  ASSERT_FALSE(captures.empty());
  std::size_t pairs = 0;
  for (const std::string& name : policies) {
    const Policy policy = clean_policy(name);
    for (const std::string& capture : captures) {
      SCOPED_TRACE(name + ", " + capture);
      pairs += judge_all(policy, frames_of(capture), kernel);
    }
  }
  fmt::print("{} policies, {} captures: {} pairs\n", policies.size(),
             captures.size(), pairs);
}

TEST(Captures, EvaluatorAndNativeAgree) { judge_everything(Kernel::kNone); }

TEST(Captures, KernelAgreesToo) {
  XG_NEED_BPF();
  judge_everything(Kernel::kShared);
}

}  // namespace
}  // namespace xdpgate::test
