// SPDX-License-Identifier: GPL-2.0-only
#include "packet/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packet/build_frame.h"
#include "packet/miss_source.h"
#include "packet/packet_sampler.h"

namespace xdpgate {
namespace {

// Draws in a row that give nothing new before a kind counts as exhausted: for
// hits, enough to come to every rule.
constexpr std::size_t kMissDraws = 20'000;
constexpr std::size_t kMinHitDraws = 2000;
constexpr std::size_t kHitDrawsPerRule = 3;

// Count rules decide nothing.
std::vector<std::uint32_t> deciding_rules(const Policy& policy) {
  std::vector<std::uint32_t> rules;
  for (std::uint32_t i = 0; i < policy.rules.size(); ++i) {
    if (policy.rules[i].action != Action::kCount) rules.push_back(i);
  }
  return rules;
}

class TraceMaker {
 public:
  TraceMaker(const Policy& policy, const DecidingRule& deciding_rule,
             const TraceOptions& options)
      : deciding_rule_(deciding_rule),
        options_(options),
        dice_(options.seed),
        sampler_(policy),
        misses_(policy),
        has_rules_(!deciding_rules(policy).empty()),
        order_(deciding_rules(policy), options.locality, dice_),
        patience_{kMissDraws,
                  std::max(kMinHitDraws,
                           kHitDrawsPerRule * policy.rules.size())} {}

  Trace run() {
    trace_.frames.reserve(options_.packets);
    const bool mix = options_.kind == TraceKind::kMix;
    std::size_t hits = mix ? options_.packets / 2 : options_.packets;
    if (options_.kind == TraceKind::kMiss) hits = 0;
    fill(hits, options_.packets - hits);
    describe_shortfall();
    return std::move(trace_);
  }

 private:
  // So many frames of each kind, or of the other where one has none.
  void fill(std::size_t hits, std::size_t misses) {
    while (hits + misses > 0) {
      const bool hit = dice_.below(hits + misses) < hits;
      std::size_t& left = hit ? hits : misses;
      const std::size_t before = trace_.frames.size();
      if (!add(hit, left)) {
        const bool other_too = options_.kind == TraceKind::kMix;
        const std::size_t rest = std::exchange(left, 0);
        (hit ? misses : hits) += other_too ? rest : 0;
        if (hits_exhausted() && misses_exhausted()) return;
        continue;
      }
      left -= trace_.frames.size() - before;
    }
  }

  [[nodiscard]] bool hits_exhausted() const {
    return exhausted_[true] && of_kind_[true].empty();
  }
  [[nodiscard]] bool misses_exhausted() const {
    return exhausted_[false] && of_kind_[false].empty();
  }

  // A new frame and its burst, or copies of an old one; false: there is none.
  bool add(bool hit, std::size_t most) {
    if (!exhausted_[hit]) {
      auto frame = draw_new(hit);
      if (frame) {
        const std::size_t times = std::min(order_.burst(dice_), most);
        of_kind_[hit].push_back(trace_.frames.size());
        ++trace_.different;
        put(hit, times, std::move(*frame));
        return true;
      }
      exhausted_[hit] = true;
    }
    if (of_kind_[hit].empty()) return false;
    put(hit, 1, TraceFrame(trace_.frames[dice_.pick(of_kind_[hit])]));
    return true;
  }

  void put(bool hit, std::size_t times, TraceFrame frame) {
    (hit ? trace_.hits : trace_.misses) += times;
    for (; times > 1; --times) trace_.frames.push_back(frame);
    trace_.frames.push_back(std::move(frame));
  }

  // A frame of the kind that was not there yet.
  std::optional<TraceFrame> draw_new(bool hit) {
    for (std::size_t i = 0; i < patience_[hit]; ++i) {
      const auto spec = hit ? draw_hit() : draw_miss();
      if (!spec) continue;
      TraceFrame frame{build_frame(*spec), spec->interface, {}};
      frame.rule = deciding_rule_(frame.bytes, frame.interface);
      if (!hit) misses_.learn(!frame.rule);
      if (frame.rule.has_value() == hit && is_new(frame)) return frame;
    }
    return std::nullopt;
  }

  std::optional<PacketSpec> draw_hit() {
    if (!has_rules_) return std::nullopt;
    return sampler_.sample(order_.next(dice_), dice_);
  }

  std::optional<PacketSpec> draw_miss() {
    const auto near = draw_hit();
    return misses_.draw(near ? *near : *sampler_.sample(Match(), dice_), dice_);
  }

  bool is_new(const TraceFrame& frame) {
    const std::string_view bytes(
        reinterpret_cast<const char*>(frame.bytes.data()), frame.bytes.size());
    const std::size_t key = std::hash<std::string_view>()(bytes) * 31 +
                            std::hash<std::string>()(frame.interface);
    return known_.insert(key).second;
  }

  void describe_shortfall() {
    for (bool hit : {true, false}) {
      if (!exhausted_[hit]) continue;
      if (!trace_.shortfall.empty()) trace_.shortfall += "; ";
      const char* what =
          hit ? "that a rule decides" : "that no rule decides";
      trace_.shortfall +=
          of_kind_[hit].empty()
              ? fmt::format("no packet was found {}", what)
              : fmt::format("only {} different packets were found {}",
                            of_kind_[hit].size(), what);
    }
  }

  const DecidingRule& deciding_rule_;
  const TraceOptions options_;
  Dice dice_;
  PacketSampler sampler_;
  MissSource misses_;
  const bool has_rules_;
  ItemOrder order_;
  const std::size_t patience_[2];  ///< for misses, for hits
  Trace trace_;
  std::unordered_set<std::size_t> known_;  ///< hashes of frames
  std::vector<std::size_t> of_kind_[2];  ///< different ones: misses, hits
  bool exhausted_[2] = {false, false};   ///< no new ones: misses, hits
};

}  // namespace

Trace make_trace(const Policy& policy, const DecidingRule& deciding_rule,
                 const TraceOptions& options) {
  return TraceMaker(policy, deciding_rule, options).run();
}

}  // namespace xdpgate
