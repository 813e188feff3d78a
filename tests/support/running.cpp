// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/running.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "bpf/snapshot.h"
#include "compile/compile.h"
#include "compile/texts.h"
#include "policy/load.h"
#include "tests/support/sandbox.h"

namespace xdpgate::test {
namespace {

constexpr const char* kState = "/sys/fs/bpf/xdpgate";

}  // namespace

std::string instance_name() { return fmt::format("edge-{}", ::getpid()); }

std::string policy_text(const std::vector<std::string>& rules) {
  std::string text = fmt::format(
      "version: 1\nname: {}\ninterfaces: [v1]\ndefault: pass\nrules:\n",
      instance_name());
  for (const std::string& rule : rules) text += "  - " + rule + "\n";
  return text;
}

std::string port_rule(const std::string& name, int port,
                      const std::string& action) {
  return fmt::format(
      "{{name: {}, match: {{protocol: udp, dst_port: {}}}, action: {}}}", name,
      port, action);
}

Image image_of(const std::string& text) {
  Diagnostics diagnostics;
  const auto policy = parse_policy(text, "test.yaml", diagnostics);
  if (!policy) {
    throw std::runtime_error(diagnostics.sorted().front().text());
  }
  auto image = compile(*policy, {[](const std::string& name) {
                         return ::if_nametoindex(name.c_str());
                       }});
  if (!image) throw std::runtime_error(image.error().line());
  return *image;
}

std::uint64_t put_on_v1(const Image& image) {
  auto done = apply(image, {instance_name(), {"v1"}, Mode::kNative, false});
  if (done) return done->generation;
  ADD_FAILURE() << done.error().line();
  return 0;
}

std::uint64_t Counts::packets(const std::string& rule) const {
  const auto found = rules.find(rule);
  return found == rules.end() ? 0 : found->second.packets;
}

std::uint64_t Counts::bytes(const std::string& rule) const {
  const auto found = rules.find(rule);
  return found == rules.end() ? 0 : found->second.bytes;
}

std::uint64_t Counts::judged() const {
  std::uint64_t sum = 0;
  for (const auto& [verdict, counter] : verdicts) sum += counter.packets;
  return sum;
}

Counts counts() {
  Counts result;
  auto now = stats(instance_name());
  if (!now) {
    ADD_FAILURE() << now.error().line();
    return result;
  }
  for (const RuleStats& rule : now->rules) {
    result.rules[rule.name] = {rule.packets, rule.bytes};
  }
  result.verdicts = now->verdicts;
  result.default_action = now->default_action;
  result.generation = now->generation;
  return result;
}

Counts counts_as_they_are() {
  Counts result;
  auto now = snapshot(InstanceDir(kState, instance_name()));
  if (!now) {
    ADD_FAILURE() << now.error().line();
    return result;
  }
  const ImageView image = now->generation.image();
  const auto texts = ImageTexts::of(image);
  if (!texts) {
    ADD_FAILURE() << texts.error().line();
    return result;
  }
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    const xg_base_counter& counter = now->totals.slots[XG_SLOT_RULE + i];
    result.rules[std::string(texts->rule_name(i))] = {counter.packets,
                                                      counter.bytes};
  }
  result.generation = now->generation.number();
  return result;
}

std::string picture() {
  std::string text =
      fmt::format("{}\n", fmt::join(tree(pins_of(instance_name())), "\n"));
  const auto entry = InstanceDir(kState, instance_name()).open_entry();
  if (!entry) return text;
  return text + fmt::format("entry {}, in force {}",
                            program_id(entry->program.get()).value_or(0),
                            program_in_force(entry->slots.get()).value_or(0));
}

Counts counts_after(std::uint64_t packets) {
  using namespace std::chrono_literals;
  Counts now = counts();
  for (int tries = 0; now.judged() < packets && tries < 200; ++tries) {
    std::this_thread::sleep_for(10ms);
    now = counts();
  }
  return now;
}

}  // namespace xdpgate::test
