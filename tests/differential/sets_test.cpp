// SPDX-License-Identifier: GPL-2.0-only
// Policies of large and many address sets against packets at the edges of
// their elements: evaluator, native engine and kernel agree. XDPGATE_SEED and
// XDPGATE_POLICIES as in random_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "packet/build_frame.h"
#include "tests/support/privilege.h"
#include "tests/support/seeds.h"
#include "tests/support/set_policy.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kPackets = 2'000;  // a policy
constexpr std::uint64_t kPolicies = 16;    // a shard

struct Size {
  std::size_t sets, elements;
};

// Few large sets and many small ones in turn.
Size size_of(std::uint64_t seed) {
  constexpr Size kSizes[] = {{1, 3}, {2, 3'000}, {10, 300}, {50, 30}};
  return kSizes[seed % std::size(kSizes)];
}

// Empty, or the first difference.
std::string try_policy(std::uint64_t seed, Kernel kernel) {
  const auto [sets, elements] = size_of(seed);
  const auto text = set_policy_text(seed, sets, elements);
  ThreeEngines engines(text, kernel);
  SetPackets packets(engines.policy(), seed);
  std::string report;
  for (std::uint64_t i = 0; i < kPackets && report.empty(); ++i) {
    report = engines.judge(build_frame(packets.next()), "i0");
  }
  if (report.empty()) report = engines.compare_counters();
  if (report.empty()) return report;
  return fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1\n{}\n{}", seed, report,
                     text);
}

class AddressSets : public testing::TestWithParam<int> {};

void run(int shard, Kernel kernel) {
  const SeedRange seeds = seeds_of(shard, kPolicies, kernel != Kernel::kNone);
  fmt::print("{} x {} packets = {} pairs\n", seeds.text(), kPackets,
             seeds.count * kPackets);
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    ASSERT_EQ(try_policy(seeds.first + i, kernel), "");
  }
}

TEST_P(AddressSets, EvaluatorAndNativeAgree) { run(GetParam(), Kernel::kNone); }

TEST_P(AddressSets, KernelAgreesToo) {
  XG_NEED_BPF();
  run(GetParam(), Kernel::kShared);
}

INSTANTIATE_TEST_SUITE_P(Shard, AddressSets, kAllShards,
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
