// SPDX-License-Identifier: GPL-2.0-only
// The reader of policies. What it takes is compiled, and judges some frames in
// the evaluator and in the native engine alike.
#include <cstddef>
#include <cstdint>
#include <string>

#include "policy/load.h"
#include "tests/fuzz/two_engines.h"
#include "tests/support/random_packets.h"

namespace xdpgate::fuzz {
namespace {

constexpr int kFrames = 32;
constexpr std::size_t kMostRules = 200;  // beyond, a run would take too long

void run(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "policy", diagnostics);
  for (const Diagnostic& found : diagnostics.sorted()) (void)found.text();
  if (!policy || policy->rules.size() > kMostRules) return;
  const auto engines = TwoEngines::make(std::move(*policy));
  if (!engines) return;
  test::RandomPackets packets(text.size());
  for (int i = 0; i < kFrames; ++i) engines->judge(packets.next(), "eth0");
}

}  // namespace
}  // namespace xdpgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  xdpgate::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
