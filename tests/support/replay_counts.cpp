// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/replay_counts.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "bpf/kernel_engine.h"
#include "compile/compile.h"
#include "pcap/replay_clock.h"
#include "policy/load.h"

namespace xdpgate::test {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().line());
  return std::move(*result);
}

void add(std::string& text, std::string_view name, std::uint64_t count) {
  if (count == 0) return;
  text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
}

std::string counters_text(const Policy& policy,
                          const std::vector<xg_counter>& counters) {
  std::string text;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    add(text, policy.rules[i].name, counters.at(XG_SLOT_RULE + i).packets);
  }
  add(text, "default", counters.at(XG_SLOT_DEFAULT).packets);
  for (int c = XG_CLASS_OK + 1; c < XG_CLASSES; ++c) {
    add(text, class_name(static_cast<xg_class>(c)),
        counters.at(XG_SLOT_CLASS + static_cast<std::size_t>(c)).packets);
  }
  return text;
}

std::unique_ptr<Engine> make_engine(const Policy& policy, EngineChoice choice) {
  Image image = must(compile(policy, {[&](const std::string& name) {
                               return pseudo_ifindex(policy, name);
                             }}));
  return choice == EngineChoice::kNative
             ? make_native_engine(std::move(image))
             : must(make_kernel_engine(std::move(image)));
}

}  // namespace

std::vector<Frame> frames_of(const std::string& capture) {
  auto reader = must(CaptureReader::open(XG_SOURCE_DIR "/" + capture));
  std::vector<Frame> frames;
  for (Frame frame; must(reader.next(frame));) frames.push_back(frame);
  return frames;
}

Policy clean_policy(const std::string& path) {
  Diagnostics diagnostics;
  auto policy = load_policy(XG_SOURCE_DIR "/" + path, diagnostics);
  const auto findings = diagnostics.sorted();
  if (!findings.empty()) throw std::runtime_error(findings[0].text());
  return std::move(policy.value());
}

ReplayCounts replay(const Policy& policy, const std::vector<Frame>& frames,
                    const std::string& interface, EngineChoice choice) {
  const auto engine = make_engine(policy, choice);
  std::array<std::uint64_t, XG_VERDICTS> verdicts{};
  ReplayClock clock;
  for (const Frame& frame : frames) {
    engine->set_clock(clock.at(frame.time));
    const Decision decision =
        must(engine->judge(frame.bytes, pseudo_ifindex(policy, interface)));
    ++verdicts.at(decision.verdict);
  }
  ReplayCounts counts;
  for (int v = 0; v < XG_VERDICTS; ++v) {
    add(counts.verdicts, verdict_name(static_cast<xg_verdict>(v)),
        verdicts.at(static_cast<std::size_t>(v)));
  }
  counts.counters = counters_text(policy, must(engine->counters()));
  return counts;
}

}  // namespace xdpgate::test
