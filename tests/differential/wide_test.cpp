// SPDX-License-Identifier: GPL-2.0-only
// Random policies of hundreds of five-field rules against packets at their
// edges: evaluator, native engine and kernel agree. XDPGATE_SEED and
// XDPGATE_POLICIES as in random_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "packet/build_frame.h"
#include "tests/support/privilege.h"
#include "tests/support/seeds.h"
#include "tests/support/three_engines.h"
#include "tests/support/wide_policy.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kPackets = 2'000;  // a policy
constexpr std::uint64_t kPolicies = 30;    // a shard

// Policies of 10, 50, 100, 500 and 1,000 rules in turn.
std::size_t rule_count(std::uint64_t seed) {
  constexpr std::size_t kCounts[] = {10, 50, 100, 500, 1'000};
  return kCounts[seed % std::size(kCounts)];
}

// Empty, or the first difference.
std::string try_policy(std::uint64_t seed, Kernel kernel) {
  const auto text = wide_policy_text(seed, rule_count(seed));
  ThreeEngines engines(text, kernel);
  EdgePackets packets(engines.policy(), seed);
  std::string report;
  for (std::uint64_t i = 0; i < kPackets && report.empty(); ++i) {
    const PacketSpec& spec = packets.next();
    report = engines.judge(build_frame(spec), spec.interface);
  }
  if (report.empty()) report = engines.compare_counters();
  if (report.empty()) return report;
  return fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1\n{}\n{}", seed, report,
                     text);
}

class WidePolicies : public testing::TestWithParam<int> {};

void run(int shard, Kernel kernel) {
  const SeedRange seeds = seeds_of(shard, kPolicies, kernel != Kernel::kNone);
  fmt::print("{} x {} packets = {} pairs\n", seeds.text(), kPackets,
             seeds.count * kPackets);
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    ASSERT_EQ(try_policy(seeds.first + i, kernel), "");
  }
}

TEST_P(WidePolicies, EvaluatorAndNativeAgree) {
  run(GetParam(), Kernel::kNone);
}

TEST_P(WidePolicies, KernelAgreesToo) {
  XG_NEED_BPF();
  run(GetParam(), Kernel::kShared);
}

INSTANTIATE_TEST_SUITE_P(Shard, WidePolicies, kAllShards,
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
