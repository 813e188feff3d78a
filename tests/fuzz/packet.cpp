// SPDX-License-Identifier: GPL-2.0-only
// Packet reader and classifier: a frame behind two bytes that choose policy and
// interface, judged by the evaluator and by the native engine.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "policy/load.h"
#include "tests/fuzz/two_engines.h"
#include "tests/support/random_policy.h"
#include "tests/support/wide_policy.h"

namespace xdpgate::fuzz {
namespace {

constexpr std::size_t kPolicies = 64;
constexpr std::size_t kRandom = 48;  // policies of all keys, then of many rules
constexpr std::size_t kWideRules = 100;

std::unique_ptr<TwoEngines> engines_of(const std::string& text) {
  Diagnostics diagnostics;
  return TwoEngines::make(*parse_policy(text, "policy", diagnostics));
}

// Made when they are asked for.
TwoEngines& engines_by(std::size_t number) {
  static std::array<std::unique_ptr<TwoEngines>, kPolicies> pool;
  if (!pool[number]) {
    pool[number] = engines_of(
        number < kRandom ? test::random_policy_text(number)
                         : test::wide_policy_text(number, kWideRules));
  }
  return *pool[number];
}

}  // namespace
}  // namespace xdpgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const char* const interfaces[] = {"i0", "i1", "i2", "other"};
  if (size < 2) return -1;
  using namespace xdpgate::fuzz;
  engines_by(data[0] % kPolicies)
      .judge({data + 2, size - 2}, interfaces[data[1] % 4]);
  return 0;
}
