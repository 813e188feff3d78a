// SPDX-License-Identifier: GPL-2.0-only
// Random policies and packets: evaluator, native engine and kernel agree on
// every verdict and on every counter.
//
// Four shards have fixed seeds, the fifth one has the time's. XDPGATE_SEED=N
// takes another seed for all, XDPGATE_POLICIES=N another number of policies a
// shard. A difference prints the seed of its policy, which with
// XDPGATE_POLICIES=1 is that policy alone, the rules that it takes, and the
// packet.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "base/dice.h"
#include "tests/support/coverage.h"
#include "tests/support/privilege.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kPackets = 1'000;  // a policy
constexpr std::uint64_t kPolicies = 300;   // a shard
constexpr std::uint64_t kLoaded = 10;      // with a program of their own
constexpr int kFixedShards = 4;
constexpr std::uint64_t kFixedSeed = 20'260'000;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

std::uint64_t first_seed(int shard) {
  const std::uint64_t base = from_environment("XDPGATE_SEED", kFixedSeed);
  if (shard < kFixedShards || std::getenv("XDPGATE_SEED")) {
    return base + static_cast<std::uint64_t>(shard) * kPolicies;
  }
  return static_cast<std::uint64_t>(std::time(nullptr)) * 1'000;
}

// The frames and interfaces of a seed, one after the other.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : packets_(seed), dice_(seed) {}
  Packet next() {
    frame_ = packets_.next();
    return dissect(frame_, dice_.pick({"i0", "i1", "i2", "i3", "other"}));
  }

 private:
  RandomPackets packets_;
  Dice dice_;
  Bytes frame_;
};

// Empty, or the first difference.
std::string difference(const RandomPolicy& policy, std::uint64_t seed,
                       Kernel kernel) {
  ThreeEngines engines(policy.text(), kernel);
  Traffic traffic(seed);
  for (std::uint64_t i = 0; i < kPackets; ++i) {
    std::string report = engines.judge(traffic.next());
    if (!report.empty()) return report;
  }
  return engines.compare_counters();
}

// `policy` without the rules that its difference does not need.
RandomPolicy shrunk(RandomPolicy policy, std::uint64_t seed, Kernel kernel) {
  for (std::size_t i = policy.rules.size(); i-- > 0;) {
    if (policy.rules.size() == 1) break;
    RandomPolicy fewer = policy;
    fewer.rules.erase(fewer.rules.begin() + static_cast<std::ptrdiff_t>(i));
    if (!difference(fewer, seed, kernel).empty()) policy = std::move(fewer);
  }
  return policy;
}

std::string try_policy(std::uint64_t seed, Kernel kernel) {
  RandomPolicy policy = random_policy(seed);
  if (difference(policy, seed, kernel).empty()) return "";
  policy = shrunk(std::move(policy), seed, kernel);
  return fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1\n{}\n{}", seed,
                     difference(policy, seed, kernel), policy.text());
}

void run(int shard, std::uint64_t policies, Kernel kernel) {
  const std::uint64_t first = first_seed(shard);
  policies = from_environment("XDPGATE_POLICIES", policies);
  fmt::print("seed {}: {} policies x {} packets = {} pairs\n", first, policies,
             kPackets, policies * kPackets);
  for (std::uint64_t i = 0; i < policies; ++i) {
    ASSERT_EQ(try_policy(first + i, kernel), "");
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

INSTANTIATE_TEST_SUITE_P(Shard, RandomPairs,
                         testing::Range(0, kFixedShards + 1),
                         testing::PrintToStringParamName());

// The fixed shards meet every key, kind of value, packet class and part of the
// classifier; each key decides both ways.
TEST(RandomCoverage, NothingIsLeftOut) {
  constexpr std::uint64_t kSome = 300;  // packets of each policy
  Coverage coverage;
  for (std::uint64_t i = 0; i < kFixedShards * kPolicies; ++i) {
    const std::uint64_t seed = kFixedSeed + i;
    const RandomPolicy random = random_policy(seed);
    const ThreeEngines engines(random.text(), Kernel::kNone);
    coverage.start(random, engines.policy(), engines.header());
    Traffic traffic(seed);
    for (std::uint64_t packet = 0; packet < kSome; ++packet) {
      const Packet read = traffic.next();
      coverage.note(read, evaluate(engines.policy(), read));
    }
  }
  EXPECT_EQ(coverage.missing(), std::vector<std::string>());
}

}  // namespace
}  // namespace xdpgate::test
