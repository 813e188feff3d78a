// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/two_engines.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/hex.h"
#include "compile/compile.h"
#include "policy/evaluate.h"
#include "policy/packet.h"

namespace xdpgate::fuzz {
namespace {

constexpr std::uint64_t kNow = 3'600'000'000'000;  // an hour, in ns

std::string text_of(const Decision& decision) {
  return fmt::format("{} by {} ({})", verdict_name(decision.verdict),
                     decision.rule ? fmt::format("rule {}", *decision.rule)
                                   : "no rule",
                     class_name(decision.packet_class));
}

}  // namespace

std::unique_ptr<TwoEngines> TwoEngines::make(Policy policy) {
  std::unique_ptr<TwoEngines> engines(new TwoEngines(std::move(policy)));
  auto image = compile(engines->policy_, {[&](const std::string& name) {
                         return pseudo_ifindex(engines->policy_, name);
                       }});
  if (!image) return nullptr;
  engines->native_ = make_native_engine(std::move(*image));
  engines->native_->set_clock(kNow);
  engines->state_.set_clock(kNow);
  return engines;
}

void TwoEngines::judge(std::span<const std::uint8_t> frame,
                       const std::string& interface) {
  const Evaluation truth =
      evaluate(policy_, dissect(frame, interface), &state_);
  const auto got = native_->judge(frame, pseudo_ifindex(policy_, interface));
  if (got && *got == truth.decision) return;
  fmt::print(stderr, "evaluator: {}\nnative: {}\npolicy:\n{}\nframe on {}: {}\n",
             text_of(truth.decision), got ? text_of(*got) : got.error().line(),
             policy_.source, interface, hex_text(frame));
  std::abort();
}

}  // namespace xdpgate::fuzz
