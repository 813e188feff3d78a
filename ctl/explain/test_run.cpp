// SPDX-License-Identifier: GPL-2.0-only
#include "explain/test_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "compile/compile.h"
#include "compile/element.h"
#include "explain/test_tally.h"
#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "pcap/capture.h"
#include "pcap/replay_clock.h"

namespace xdpgate {
namespace {

constexpr std::size_t kRulesInExcerpt = 5;
constexpr const char* kAsFirst =
    "(as the first packet: with full limits, and sets as the test has them)\n";

using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::uint8_t>;

// Whether packets change what becomes of others.
bool has_memory(const Policy& policy) {
  return std::ranges::any_of(policy.rules, [](const Rule& rule) {
    return rule.limit || rule.ban;
  });
}

// `frame`: its number in a capture, 0 for others.
std::string excerpt_of(const Policy& policy, const Explanation& explanation,
                       std::uint64_t frame) {
  return fmt::format("{}{}\n{}{}",
                     frame > 0 ? fmt::format("frame {}: ", frame) : "",
                     frame_text(explanation.packet),
                     tried_text(policy, explanation, kRulesInExcerpt),
                     has_memory(policy) ? kAsFirst : "");
}

// When an element ends that comes into a set at `now_ns`.
std::uint64_t end_in(const NamedAddressSet& set, std::uint64_t now_ns) {
  const std::uint64_t timeout_ns = set.dynamic->timeout_ns;
  return timeout_ns == 0 ? XG_NEVER : now_ns + timeout_ns;
}

// What is there before the first packet.
struct Beginning {
  Beginning(const Policy& policy, const PolicyTest& test)
      : state(policy), now_ns(ReplayClock().at({})) {
    state.set_clock(now_ns);
    for (const auto& [set, text] : test.elements) {
      for (const auto& element : elements_of(*parse_address_range(text))) {
        elements.emplace_back(set, element);
        state.add(set, range_of(element),
                  end_in(policy.address_sets[set], now_ns));
      }
    }
  }

  // Puts an engine there. Error: a set has no room.
  [[nodiscard]] Result<void> prepare(const Policy& policy,
                                     Engine& engine) const {
    auto done = engine.forget();  // a test depends on no other
    engine.set_clock(now_ns);
    for (const auto& [index, element] : elements) {
      if (!done) return done;
      const NamedAddressSet& set = policy.address_sets[index];
      done = engine.add_element(set.dynamic->number, element,
                                end_in(set, now_ns));
    }
    return done;
  }

  FilterState state;
  std::uint64_t now_ns;
  std::vector<std::pair<std::uint32_t, xg_element>> elements;
};

// A packet on its way in.
struct Arrival {
  const Bytes& frame;
  const std::string& interface;
  std::uint32_t ifindex = 0;
  std::uint64_t number = 0;  // in a capture
};

// One test under way.
class Attempted {
 public:
  Attempted(const Policy& policy, const PolicyTest& test,
            const Beginning& beginning, Engine& engine)
      : policy_(policy),
        beginning_(beginning),
        engine_(engine),
        tally_(policy, test, *engine.counters()) {}

  // The decision, which the native engine always makes.
  Decision judge(const Arrival& packet) {
    const Decision decision = *engine_.judge(packet.frame, packet.ifindex);
    const bool is_other = tally_.add(decision);
    if (is_other && result_.excerpt.empty()) {
      FilterState state = beginning_.state;
      result_.excerpt = excerpt_of(
          policy_, explain(policy_, packet.frame, packet.interface, &state),
          packet.number);
    }
    return decision;
  }

  // From now on it is that time.
  void set_clock(std::uint64_t now_ns) { engine_.set_clock(now_ns); }

  void fail(std::string why) { result_.failures.push_back(std::move(why)); }

  TestResult finish() {
    for (auto& failure : tally_.failures(*engine_.counters())) {
      result_.failures.push_back(std::move(failure));
    }
    result_.packets = tally_.packets();
    return std::move(result_);
  }

 private:
  const Policy& policy_;
  const Beginning& beginning_;
  Engine& engine_;
  TestTally tally_;
  TestResult result_;
};

// Where evaluator and image say different things of the first packet.
std::optional<Disagreement> compare(const Policy& policy,
                                    const Beginning& beginning,
                                    const Arrival& packet,
                                    const Decision& decision) {
  Disagreement found;
  FilterState state = beginning.state;
  found.frame = packet.frame;
  found.explanation = explain(policy, found.frame, packet.interface, &state);
  Explanation& explanation = found.explanation;
  const Evaluation& meant = *explanation.answers.front().says;
  if (meant.decision == decision) return std::nullopt;
  explanation.answers.push_back(
      {"image", Evaluation{decision, meant.counted}, ""});
  return found;
}

// Judges every frame of a capture; the error that it ends with, if any.
Result<void> judge_capture(const std::string& path, const Policy& policy,
                           const std::string& interface, Attempted& attempted) {
  auto reader = CaptureReader::open(path);
  if (!reader) return failure(reader.error());
  const std::uint32_t ifindex = pseudo_ifindex(policy, interface);
  Frame frame;
  ReplayClock clock;
  for (;;) {
    auto more = reader->next(frame);
    if (!more) return failure(more.error());
    if (!*more) return {};
    attempted.set_clock(clock.at(frame.time));
    attempted.judge({frame.bytes, interface, ifindex, frame.number});
  }
}

}  // namespace

void check_test_packets(std::span<const PolicyTest> tests,
                        const std::string& path, Diagnostics& diagnostics) {
  for (const PolicyTest& test : tests) {
    if (test.packet.empty()) continue;
    const auto spec = parse_packet_text(test.packet);
    if (spec) continue;
    diagnostics.error(path, test.subject_at, spec.error().message,
                      spec.error().hint);
  }
}

TestRun::TestRun(const Policy& policy, Image image, std::string folder)
    : policy_(policy),
      engine_(make_native_engine(std::move(image))),
      folder_(std::move(folder)) {}

TestResult TestRun::run(const PolicyTest& test) {
  const auto start = Clock::now();
  const Beginning beginning(policy_, test);
  auto prepared = beginning.prepare(policy_, *engine_);
  if (!prepared) return {{prepared.error().line()}, "", 0, 0};
  Attempted attempted(policy_, test, beginning, *engine_);
  if (test.packet.empty()) {
    const auto path = std::filesystem::path(folder_) / test.pcap;
    auto judged =
        judge_capture(path.string(), policy_, test.interface, attempted);
    if (!judged) attempted.fail(judged.error().line());
  } else {
    const PacketSpec spec = *parse_packet_text(test.packet);
    const Bytes frame = build_frame(spec);
    const auto ifindex = pseudo_ifindex(policy_, spec.interface);
    const Arrival packet = {frame, spec.interface, ifindex};
    for (std::uint32_t i = 0; i < test.repeat; ++i) {
      attempted.set_clock(beginning.now_ns + i * test.every_ns);
      const auto decision = attempted.judge(packet);
      if (i > 0 || disagreement_) continue;
      disagreement_ = compare(policy_, beginning, packet, decision);
    }
  }
  TestResult result = attempted.finish();
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

std::vector<std::uint32_t> TestRun::unreached() const {
  std::vector<std::uint32_t> rules;
  const auto counters = *engine_->counters();
  for (std::uint32_t rule = 0; rule < policy_.rules.size(); ++rule) {
    if (counters[XG_SLOT_RULE + rule].packets == 0) rules.push_back(rule);
  }
  return rules;
}

}  // namespace xdpgate
