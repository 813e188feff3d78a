// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/three_engines.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "bpf/kernel_engine.h"
#include "compile/compile.h"
#include "policy/load.h"
#include "policy/packet.h"

namespace xdpgate::test {
namespace {

constexpr std::uint32_t kOtherInterface = 77;  // one that no policy names

Policy must_parse(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "policy", diagnostics);
  if (policy) return std::move(*policy);
  throw std::runtime_error(diagnostics.sorted().at(0).text() + "\n" + text);
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().line());
  return std::move(*result);
}

std::string text_of(const Decision& decision) {
  return fmt::format("{} by {} ({})", verdict_name(decision.verdict),
                     decision.rule ? fmt::format("rule {}", *decision.rule)
                                   : "no rule",
                     class_name(decision.packet_class));
}

std::string hex(const Bytes& frame) {
  std::string text;
  for (std::uint8_t byte : frame) text += fmt::format("{:02x}", byte);
  return text;
}

std::string difference(const char* who, const std::vector<xg_counter>& got,
                       const std::vector<xg_counter>& expected) {
  for (std::size_t slot = 0; slot < expected.size(); ++slot) {
    const xg_counter& a = expected[slot];
    const xg_counter& b = got.at(slot);
    if (a.packets == b.packets && a.bytes == b.bytes) continue;
    return fmt::format("slot {}: evaluator {}/{}, {} {}/{}\n", slot, a.packets,
                       a.bytes, who, b.packets, b.bytes);
  }
  return "";
}

}  // namespace

ThreeEngines::ThreeEngines(std::string text, bool kernel)
    : text_(std::move(text)), policy_(must_parse(text_)) {
  Image image = must(compile(policy_, {[&](const std::string& name) {
                               return pseudo_ifindex(policy_, name);
                             }}));
  if (kernel) kernel_ = must(make_kernel_engine(image));
  native_ = make_native_engine(std::move(image));
  expected_.resize(XG_SLOT_RULE + policy_.rules.size());
}

void ThreeEngines::count(std::uint32_t slot, std::size_t bytes) {
  ++expected_[slot].packets;
  expected_[slot].bytes += bytes;
}

std::string ThreeEngines::judge(const Bytes& frame,
                                const std::string& interface) {
  const std::uint32_t known = pseudo_ifindex(policy_, interface);
  const std::uint32_t ifindex = known ? known : kOtherInterface;
  truth_ = evaluate(policy_, dissect(frame, interface));
  const Decision& decision = truth_.decision;
  for (std::uint32_t rule : truth_.counted) {
    count(XG_SLOT_RULE + rule, frame.size());
  }
  const bool by_class = decision.packet_class != XG_CLASS_OK;
  if (by_class) {
    count(XG_SLOT_CLASS + decision.packet_class, frame.size());
  }
  if (decision.rule) {
    count(XG_SLOT_RULE + *decision.rule, frame.size());
  } else if (!by_class || policy_.malformed == MalformedAction::kMatch) {
    count(XG_SLOT_DEFAULT, frame.size());
  }
  std::string report;
  for (auto [who, engine] : {std::pair("native", native_.get()),
                             std::pair("kernel", kernel_.get())}) {
    if (!engine) continue;
    const Decision got = must(engine->judge(frame, ifindex));
    if (got == decision) continue;
    report += fmt::format("evaluator: {}; {}: {}; {} {}\n", text_of(decision),
                          who, text_of(got), interface, hex(frame));
  }
  return report;
}

std::string ThreeEngines::compare_counters() {
  std::string report =
      difference("native", must(native_->counters()), expected_);
  if (kernel_) {
    report += difference("kernel", must(kernel_->counters()), expected_);
  }
  return report;
}

}  // namespace xdpgate::test
