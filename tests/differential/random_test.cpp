// SPDX-License-Identifier: GPL-2.0-only
// Random policies and packets: evaluator, native engine and kernel agree on
// every verdict and on every counter.
//
// Seeds: tests/support/seeds.h. A difference prints the seed of its policy,
// which with XDPGATE_POLICIES=1 is that policy alone, the rules that it takes,
// and the packet.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/dice.h"
#include "packet/build_frame.h"
#include "packet/packet_sampler.h"
#include "tests/support/coverage.h"
#include "tests/support/privilege.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"
#include "tests/support/seeds.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kPackets = 1'000;  // a policy
constexpr std::uint64_t kPolicies = 300;   // a shard
constexpr std::uint64_t kLoaded = 10;      // with a program of their own

struct Arrival {
  Bytes frame;
  std::string interface;
};

// The packets of a seed for a policy: most from the pools that its words are
// from, some drawn so that they satisfy one of its rules.
std::vector<Arrival> traffic_for(const Policy& policy, std::uint64_t seed,
                                 std::uint64_t count) {
  constexpr std::uint64_t kDrawn = 100;  // one in so many: it takes time
  Dice dice(seed);
  PacketSampler sampler(policy);
  RandomPackets packets(seed);
  std::vector<Arrival> traffic;
  while (traffic.size() < count) {
    if (dice.one_in(kDrawn)) {
      const auto rule = dice.below(policy.rules.size());
      const auto spec = sampler.sample(static_cast<std::uint32_t>(rule), dice);
      if (spec) traffic.push_back({build_frame(*spec), spec->interface});
    } else {
      traffic.push_back(
          {packets.next(), dice.pick({"i0", "i1", "i2", "i3", "other"})});
    }
  }
  return traffic;
}

// Empty, or the first difference.
std::string difference(ThreeEngines& engines,
                       const std::vector<Arrival>& traffic) {
  for (const auto& [frame, interface] : traffic) {
    std::string report = engines.judge(frame, interface);
    if (!report.empty()) return report;
  }
  return engines.compare_counters();
}

std::string difference(const RandomPolicy& policy,
                       const std::vector<Arrival>& traffic, Kernel kernel) {
  ThreeEngines engines(policy.text(), kernel);
  return difference(engines, traffic);
}

// `policy` without the rules that its difference does not need.
RandomPolicy shrunk(RandomPolicy policy, const std::vector<Arrival>& traffic,
                    Kernel kernel) {
  for (std::size_t i = policy.rules.size(); i-- > 0;) {
    if (policy.rules.size() == 1) break;
    RandomPolicy fewer = policy;
    fewer.rules.erase(fewer.rules.begin() + static_cast<std::ptrdiff_t>(i));
    if (!difference(fewer, traffic, kernel).empty()) policy = std::move(fewer);
  }
  return policy;
}

std::string try_policy(std::uint64_t seed, Kernel kernel) {
  RandomPolicy policy = random_policy(seed);
  ThreeEngines engines(policy.text(), kernel);
  const auto traffic = traffic_for(engines.policy(), seed, kPackets);
  if (difference(engines, traffic).empty()) return "";
  policy = shrunk(std::move(policy), traffic, kernel);
  return fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1\n{}\n{}", seed,
                     difference(policy, traffic, kernel), policy.text());
}

void run(int shard, std::uint64_t policies, Kernel kernel) {
  const SeedRange seeds = seeds_of(shard, policies, kernel != Kernel::kNone);
  fmt::print("{} x {} packets = {} pairs\n", seeds.text(), kPackets,
             seeds.count * kPackets);
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    ASSERT_EQ(try_policy(seeds.first + i, kernel), "");
  }
}

class RandomPairs : public testing::TestWithParam<int> {};

TEST_P(RandomPairs, EvaluatorAndNativeAgree) {
  run(GetParam(), kPolicies, Kernel::kNone);
}

TEST_P(RandomPairs, KernelAgreesToo) {
  XG_NEED_BPF();
  run(GetParam(), kPolicies, Kernel::kShared);
}

TEST_P(RandomPairs, ProgramLoadedForThePolicyAgreesToo) {
  XG_NEED_BPF();
  run(GetParam(), kLoaded, Kernel::kLoaded);
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomPairs, kAllShards,
                         testing::PrintToStringParamName());

// The fixed shards meet every key, kind of value, packet class and part of the
// classifier; each key decides both ways.
TEST(RandomCoverage, NothingIsLeftOut) {
  constexpr std::uint64_t kSome = 200;  // packets of each policy
  Coverage coverage;
  for (std::uint64_t i = 0; i < kFixedShards * kPolicies; ++i) {
    const std::uint64_t seed = kFixedSeed + i;
    const RandomPolicy random = random_policy(seed);
    const ThreeEngines engines(random.text(), Kernel::kNone);
    const Policy& policy = engines.policy();
    coverage.start(random, policy, engines.header());
    for (const auto& [frame, interface] : traffic_for(policy, seed, kSome)) {
      const Packet packet = dissect(frame, interface);
      coverage.note(packet, evaluate(policy, packet));
    }
  }
  EXPECT_EQ(coverage.missing(), std::vector<std::string>());
}

}  // namespace
}  // namespace xdpgate::test
