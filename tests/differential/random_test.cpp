// SPDX-License-Identifier: GPL-2.0-only
// Random policies and packets: evaluator, native engine and kernel agree on
// every verdict and on every counter.
//
// XDPGATE_SEED=N takes another seed, XDPGATE_PAIRS=N another number of
// packet-policy pairs. A difference prints the seed of its policy, the policy
// and the packet; that seed with XDPGATE_PAIRS=1 is that policy alone.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "base/dice.h"
#include "tests/support/privilege.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kPackets = 1'000;  // a policy
constexpr std::uint64_t kPairs = 300'000;  // a shard; four in all

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

// Empty, or the first difference.
std::string try_policy(std::uint64_t seed, bool kernel) {
  ThreeEngines engines(random_policy_text(seed), kernel);
  RandomPackets packets(seed);
  Dice dice(seed);
  std::string report;
  for (std::uint64_t i = 0; i < kPackets && report.empty(); ++i) {
    report = engines.judge(packets.next(),
                           dice.pick({"i0", "i1", "i2", "i3", "other"}));
  }
  if (report.empty()) report = engines.compare_counters();
  if (report.empty()) return report;
  return fmt::format("XDPGATE_SEED={} XDPGATE_PAIRS=1\n{}\n{}", seed, report,
                     engines.text());
}

class RandomPairs : public testing::TestWithParam<int> {};

void run(int shard, bool kernel) {
  const std::uint64_t base = from_environment(
      "XDPGATE_SEED", static_cast<std::uint64_t>(::time(nullptr)) * 10'000);
  const std::uint64_t pairs = from_environment("XDPGATE_PAIRS", kPairs);
  const std::uint64_t policies = (pairs + kPackets - 1) / kPackets;
  const std::uint64_t first =
      base + static_cast<std::uint64_t>(shard) * policies;
  fmt::print("seed {}: {} policies x {} packets = {} pairs{}\n", first,
             policies, kPackets, policies * kPackets,
             kernel ? ", kernel too" : "");
  for (std::uint64_t i = 0; i < policies; ++i) {
    ASSERT_EQ(try_policy(first + i, kernel), "");
  }
}

TEST_P(RandomPairs, EvaluatorAndNativeAgree) { run(GetParam(), false); }

TEST_P(RandomPairs, KernelAgreesToo) {
  XG_NEED_BPF();
  run(GetParam() + 100, true);
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomPairs, testing::Range(0, 4),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
