// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/three_engines.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "bpf/kernel_engine.h"
#include "compile/compile.h"
#include "compile/element.h"
#include "policy/load.h"
#include "policy/packet.h"
#include "tests/support/shared_kernel.h"

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

void must_be_done(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().line());
}

std::string text_of(const Decision& decision) {
  return fmt::format(
      "{} by {} ({})", verdict_name(decision.verdict),
      decision.rule ? fmt::format("rule {}", *decision.rule) : "no rule",
      class_name(decision.packet_class));
}

std::string hex(std::span<const std::uint8_t> frame) {
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

ThreeEngines::ThreeEngines(std::string text, Kernel kernel)
    : ThreeEngines(must_parse(text), kernel) {}

ThreeEngines::ThreeEngines(Policy policy, Kernel kernel)
    : policy_(std::move(policy)), state_(policy_) {
  Image image = must(compile(policy_, {[&](const std::string& name) {
                               return pseudo_ifindex(policy_, name);
                             }}));
  add_kernel(image, kernel);
  header_ = image.header();
  native_ = make_native_engine(std::move(image));
  expected_.resize(XG_SLOT_RULE + policy_.rules.size());
  for (std::uint32_t i = 0; i < policy_.rules.size(); ++i) {
    if (policy_.rules[i].limit) over_[i] = {};
  }
}

void ThreeEngines::add_kernel(const Image& image, Kernel kernel) {
  if (kernel == Kernel::kNone) return;
  if (kernel == Kernel::kShared) kernel_ = shared_kernel(image);
  if (kernel_) return;
  loaded_ = must(make_kernel_engine(image));
  kernel_ = loaded_.get();
}

void ThreeEngines::count(std::uint32_t slot, std::size_t bytes) {
  ++expected_[slot].packets;
  expected_[slot].bytes += bytes;
}

// What the counters of truth_ are, by docs/architecture.md.
void ThreeEngines::count(std::size_t bytes) {
  const Decision& decision = truth_.decision;
  for (std::uint32_t rule : truth_.counted) count(XG_SLOT_RULE + rule, bytes);
  for (std::uint32_t rule : truth_.over) {
    ++over_[rule].packets;
    over_[rule].bytes += bytes;
  }
  const bool by_class = decision.packet_class != XG_CLASS_OK;
  if (by_class) count(XG_SLOT_CLASS + decision.packet_class, bytes);
  if (decision.rule) {
    count(XG_SLOT_RULE + *decision.rule, bytes);
  } else if (!by_class || policy_.malformed == MalformedAction::kMatch) {
    count(XG_SLOT_DEFAULT, bytes);
  }
}

std::string ThreeEngines::judge(const Bytes& frame,
                                const std::string& interface) {
  return judge(dissect(frame, interface));
}

std::uint32_t ThreeEngines::ifindex_of(const std::string& interface) {
  auto [found, is_new] = ifindexes_.try_emplace(interface, 0);
  if (!is_new) return found->second;
  const std::uint32_t known = pseudo_ifindex(policy_, interface);
  return found->second = known ? known : kOtherInterface;
}

std::string ThreeEngines::judge(const Packet& packet) {
  const std::uint32_t ifindex = ifindex_of(packet.interface);
  truth_ = evaluate(policy_, packet, &state_);
  count(packet.bytes.size());
  std::string report;
  for (auto [who, engine] :
       {std::pair("native", native_.get()), std::pair("kernel", kernel_)}) {
    if (!engine) continue;
    const Decision got = must(engine->judge(packet.bytes, ifindex));
    if (got == truth_.decision) continue;
    report +=
        fmt::format("evaluator: {}; {}: {}; {} {}\n", text_of(truth_.decision),
                    who, text_of(got), packet.interface, hex(packet.bytes));
  }
  return report;
}

void ThreeEngines::set_clock(std::uint64_t now_ns) {
  state_.set_clock(now_ns);
  native_->set_clock(now_ns);
  if (kernel_) kernel_->set_clock(now_ns);
}

std::uint32_t ThreeEngines::set_named(const std::string& name) const {
  for (std::uint32_t i = 0; i < policy_.address_sets.size(); ++i) {
    if (policy_.address_sets[i].name == name) return i;
  }
  throw std::runtime_error("no set " + name);
}

void ThreeEngines::add(const std::string& set, const std::string& element,
                       std::uint64_t expires_ns) {
  const std::uint32_t index = set_named(set);
  const std::uint32_t number = policy_.address_sets[index].dynamic->number;
  const AddressRange range = parse_address_range(element).value();
  state_.add(index, range, expires_ns);
  for (const xg_element& one : elements_of(range)) {
    must_be_done(native_->add_element(number, one, expires_ns));
    if (kernel_) must_be_done(kernel_->add_element(number, one, expires_ns));
  }
}

void ThreeEngines::remove(const std::string& set, const std::string& element) {
  const std::uint32_t index = set_named(set);
  const std::uint32_t number = policy_.address_sets[index].dynamic->number;
  const AddressRange range = parse_address_range(element).value();
  state_.remove(index, range);
  for (const xg_element& one : elements_of(range)) {
    must_be_done(native_->remove_element(number, one));
    if (kernel_) must_be_done(kernel_->remove_element(number, one));
  }
}

std::string ThreeEngines::compare_counters() {
  std::string report =
      difference("native", must(native_->counters()), expected_);
  std::vector<xg_counter> over;
  for (const auto& [rule, counter] : over_) over.push_back(counter);
  report += difference("native over", must(native_->over_counters()), over);
  if (kernel_) {
    report += difference("kernel", must(kernel_->counters()), expected_);
    report += difference("kernel over", must(kernel_->over_counters()), over);
  }
  return report;
}

}  // namespace xdpgate::test
