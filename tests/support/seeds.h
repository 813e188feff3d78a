// SPDX-License-Identifier: GPL-2.0-only
// The seeds of random tests: shards with fixed ones, so that CI repeats, and
// one with the time's, so that it explores. XDPGATE_SEED=N takes another seed
// for all shards, XDPGATE_POLICIES=N another number of policies a shard.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

namespace xdpgate::test {

inline constexpr int kFixedShards = 4;
inline constexpr std::uint64_t kFixedSeed = 20'260'000;
/// For INSTANTIATE_TEST_SUITE_P: the fixed shards and the exploring one.
inline const auto kAllShards = testing::Range(0, kFixedShards + 1);

/// The seeds first to first + count - 1, one a policy.
struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  [[nodiscard]] std::string text() const {
    return fmt::format("seed {}: {} policies", first, count);
  }
};

/// The seeds of a shard; the next shard's begin `policies` behind. Tests with
/// the kernel have others than those without.
[[nodiscard]] inline SeedRange seeds_of(int shard, std::uint64_t policies,
                                        bool kernel) {
  constexpr std::uint64_t kKernelOffset = 1'000'000;
  const char* seed = std::getenv("XDPGATE_SEED");
  const char* count = std::getenv("XDPGATE_POLICIES");
  SeedRange seeds{kFixedSeed + (kernel ? kKernelOffset : 0), policies};
  if (count) seeds.count = std::strtoull(count, nullptr, 0);
  if (seed) {
    seeds.first = std::strtoull(seed, nullptr, 0);
  } else if (shard == kFixedShards) {
    seeds.first = static_cast<std::uint64_t>(std::time(nullptr)) * 1'000;
    return seeds;
  }
  seeds.first += static_cast<std::uint64_t>(shard) * seeds.count;
  return seeds;
}

}  // namespace xdpgate::test
