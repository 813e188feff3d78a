// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/diff.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

#include "analyze/align.h"
#include "analyze/box_match.h"
#include "analyze/diff_search.h"
#include "analyze/malformed.h"
#include "analyze/region.h"
#include "analyze/rule_index.h"
#include "analyze/witness.h"
#include "base/hex.h"
#include "packet/miss_source.h"
#include "packet/packet_text.h"
#include "policy/evaluate.h"

namespace xdpgate {
namespace {

// Packets drawn to show a difference; where bytes are asked for, which may lie
// in fields that are settled already.
constexpr int kTrials = 8, kByteTrials = 200;
// Packets drawn to find one that no rule decides.
constexpr int kMissTrials = 200;
// Steps for a place, the first and the second time.
constexpr std::uint64_t kFirstSteps = std::uint64_t{1} << 24;
constexpr std::uint64_t kAllSteps = ~std::uint64_t{0};
// Items of a list that are shown.
constexpr std::size_t kMostItems = 8;

class Diff {
 public:
  Diff(const Policy& old_policy, const Policy& new_policy,
       const DiffOptions& options)
      : old_(old_policy),
        new_(new_policy),
        options_(options),
        time_(~std::uint64_t{0}, options.seconds),
        alignment_(align(old_policy, new_policy)) {}

  DiffReport run() {
    if (!anything_changed()) return std::move(report_);
    space_.emplace(std::vector{&old_, &new_});
    old_index_.emplace(old_, *space_);
    new_index_.emplace(new_, *space_);
    old_side_ = side(old_, *old_index_, alignment_.old_rules);
    new_side_ = side(new_, *new_index_, alignment_.new_rules);
    witnesses_.emplace(new_);
    look_at_default();
    look_at_rules(old_, *old_index_, alignment_.old_rules);
    look_at_rules(new_, *new_index_, alignment_.new_rules);
    look_at_malformed();
    finish_places();
    for (const Deciders& known : known_) unshown_.erase(known);
    for (const Deciders& known : malformed_) unshown_malformed_.erase(known);
    report_.unshown = unshown_.size() + unshown_malformed_.size();
    report_.too_many =
        !report_.complete && report_.differences.size() >= options_.most;
    sort_by_rules();
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool anything_changed() const {
    return old_.default_action != new_.default_action ||
           old_.malformed != new_.malformed ||
           alignment_.common < old_.rules.size() ||
           alignment_.common < new_.rules.size();
  }

  int effect_number(const std::string& text) {
    return effects_.emplace(text, static_cast<int>(effects_.size()))
        .first->second;
  }
  static std::string text_of(DefaultAction action) {
    return action == DefaultAction::kPass ? "action: pass" : "action: drop";
  }
  static std::string text_of(MalformedAction action) {
    return action == MalformedAction::kPass ? "action: pass" : "action: drop";
  }

  SearchSide side(const Policy& policy, const RuleIndex& index,
                  const std::vector<std::uint32_t>& numbers) {
    SearchSide side;
    side.index = &index;
    side.numbers = numbers;
    for (const Rule& rule : policy.rules) {
      side.effects.push_back(effect_number(effect_text(rule, policy)));
    }
    side.default_effect = effect_number(text_of(policy.default_action));
    side.malformed_effect = effect_number(text_of(policy.malformed));
    side.rules_see_malformed = policy.malformed == MalformedAction::kMatch;
    return side;
  }

  [[nodiscard]] bool full() const {
    return report_.differences.size() >= options_.most || time_.late();
  }

  // A packet whose verdict has changed meets a rule that has, or none at all.
  void look_at_rules(const Policy& policy, const RuleIndex& index,
                     const std::vector<std::uint32_t>& numbers) {
    for (std::uint32_t i = 0; i < policy.rules.size(); ++i) {
      if (alignment_.is_common(numbers[i])) continue;
      if (!policy.rules[i].always_decides()) {
        note_unjudged(policy.rules[i]);
        continue;
      }
      for (const RuleBox& box : index.boxes(i)) look_in(box.box);
    }
  }

  // It decides some packets and not others, and nobody can tell which.
  void note_unjudged(const Rule& rule) {
    const bool may_decide = rule.limit && (rule.action != Action::kCount ||
                                           rule.limit->over != Action::kCount);
    if (may_decide) report_.unjudged.push_back(rule.name);
  }

  // One place that takes long does not keep the others waiting.
  void look_in(const FieldBox& box) {
    if (!looked_through(box, kFirstSteps)) unfinished_.push_back(box);
  }

  void finish_places() {
    for (const FieldBox& box : unfinished_) {
      if (!looked_through(box, kAllSteps)) report_.complete = false;
    }
  }

  bool looked_through(const FieldBox& box, std::uint64_t steps) {
    if (full()) return false;
    Budget budget = time_.part(steps);
    DiffSearch search(old_side_, new_side_, budget,
                      [&](const FieldBox& place, const Deciders& deciders) {
                        return visit(place, deciders);
                      });
    for (const Deciders& known : known_) search.add_known(known);
    current_ = &search;
    const bool done = search.search(box);
    current_ = nullptr;
    return done && !search.cut();
  }

  static bool asks_for_bytes(const FieldBox& box) {
    return std::ranges::any_of(
        std::initializer_list<SpaceField>{kEtherBytes, kIpBytes, kL4Bytes,
                                          kDataBytes},
        [&](SpaceField field) { return box.asks(field); });
  }

  bool visit(const FieldBox& box, const Deciders& deciders) {
    if (!box.kind->well_formed) return visit_malformed(box, deciders);
    const bool hard = asks_for_bytes(box) && !unshown_.contains(deciders);
    const int trials = hard ? kByteTrials : kTrials;
    for (int i = 0; i < trials; ++i) {
      const auto witness = witnesses_->of_box(box, *space_);
      if (!witness) continue;  // other bytes may do
      const Packet packet = witness->packet();
      const FilterState before = state_for(box, packet, old_, *space_);
      const FilterState after = state_for(box, packet, new_, *space_);
      const Decision o = judged(old_, packet, before);
      const Decision n = judged(new_, packet, after);
      if (Deciders{o.rule, n.rule} != deciders) continue;
      const Witness tidy = witness->tidied([&](const Packet& other) {
        return judged(old_, other, before) == o &&
               judged(new_, other, after) == n;
      });
      add(o, n, tidy.text());
      return !full();
    }
    unshown_.insert(deciders);
    return !full();
  }

  // Judging changes the state, so it is a copy's.
  static Decision judged(const Policy& policy, const Packet& packet,
                         FilterState state) {
    return evaluate(policy, packet, &state).decision;
  }

  void add(const Decision& o, const Decision& n, std::string packet) {
    const Deciders deciders{o.rule, n.rule};
    if (o.packet_class == XG_CLASS_OK) {
      known_.push_back(deciders);
      if (current_) current_->add_known(deciders);
    }
    Difference difference;
    difference.old_side = told(o, old_);
    difference.new_side = told(n, new_);
    difference.packet = std::move(packet);
    describe(o, n, difference);
    report_.differences.push_back(std::move(difference));
  }

  static Side told(const Decision& decision, const Policy& policy) {
    const auto& rule = decision.rule;
    return {rule, decision.verdict,
            rule ? effect_text(policy.rules[*rule], policy)
                 : std::string("action: ") + verdict_name(decision.verdict)};
  }

  void describe(const Decision& o, const Decision& n, Difference& difference) {
    const bool malformed = o.packet_class != XG_CLASS_OK;
    if (!o.rule && !n.rule) {
      difference.region =
          malformed ? "malformed packets" : "what no rule decides";
      return;
    }
    DiffRegion region;
    if (o.rule) restrict_to(region, old_.rules[*o.rule].match, old_);
    if (n.rule) restrict_to(region, new_.rules[*n.rule].match, new_);
    if (!malformed) except(o.rule, n.rule, region, difference.exceptions);
    difference.region = malformed ? "malformed packets: " : "";
    difference.region += region_text(region, {&new_, &old_}, kMostItems);
  }

  // What earlier rules take, off the region or beside it.
  void except(const std::optional<std::uint32_t>& old_rule,
              const std::optional<std::uint32_t>& new_rule, DiffRegion& region,
              std::vector<std::string>& names) {
    std::set<std::string> seen;
    std::vector<std::pair<const Policy*, std::uint32_t>> others;
    auto collect = [&](const Policy& policy, const RuleIndex& index,
                       const std::optional<std::uint32_t>& rule) {
      for (std::uint32_t i : earlier(region, index, policy, rule)) {
        if (!take_off(region, policy.rules[i].match, policy)) {
          others.emplace_back(&policy, i);
        }
      }
    };
    collect(old_, *old_index_, old_rule);
    collect(new_, *new_index_, new_rule);
    const auto old_left = earlier(region, *old_index_, old_, old_rule);
    const auto new_left = earlier(region, *new_index_, new_, new_rule);
    for (const auto& [policy, rule] : others) {
      const auto& left = policy == &old_ ? old_left : new_left;
      const std::string& name = policy->rules[rule].name;
      if (left.contains(rule) && seen.insert(name).second) {
        names.push_back(name);
      }
    }
  }

  // The deciding rules before `rule`, or all, that meet the region.
  std::set<std::uint32_t> earlier(const DiffRegion& region,
                                  const RuleIndex& index, const Policy& policy,
                                  const std::optional<std::uint32_t>& rule) {
    std::set<std::uint32_t> result;
    BoxMaker maker(new_, *space_);
    Budget budget = time_.part(kFirstSteps);
    const auto before =
        rule.value_or(static_cast<std::uint32_t>(policy.rules.size()));
    for (const FieldBox& box : maker.boxes_of(region.match)) {
      if (!box.kind->well_formed) continue;
      for (const RuleBox* other : index.meeting(box, before, budget)) {
        result.insert(other->rule);
      }
    }
    return result;
  }

  // No rule of either need be looked through for this: packets near the rules
  // are tried.
  void look_at_default() {
    if (old_.default_action == new_.default_action) return;
    Dice dice(1);
    MissSource misses(new_);
    PacketSampler sampler(new_);
    for (int i = 0; i < kMissTrials; ++i) {
      auto near = sampler.sample(Match(), dice);
      if (!near) break;
      const Witness witness(i < kMissTrials / 2 ? *near
                                                : misses.draw(*near, dice));
      if (show_default(witness)) return;
    }
    for (const Kind& kind : space_->kinds()) {
      FieldBox everything;
      everything.kind = &kind;
      if (std::ranges::find(known_, Deciders{}) != known_.end()) return;
      if (kind.well_formed) look_in(everything);
    }
  }

  bool show_default(const Witness& witness) {
    auto undecided = [&](const Packet& packet) {
      return packet.packet_class == XG_CLASS_OK &&
             !evaluate(old_, packet).decision.rule &&
             !evaluate(new_, packet).decision.rule;
    };
    if (!undecided(witness.packet())) return false;
    const Witness tidy = witness.tidied(undecided);
    add(evaluate(old_, tidy.packet()).decision,
        evaluate(new_, tidy.packet()).decision, tidy.text());
    return true;
  }

  // ---- packets that contradict themselves ----

  void look_at_malformed() {
    if (old_.malformed == new_.malformed) return;
    const bool by_rules =
        old_side_.rules_see_malformed || new_side_.rules_see_malformed;
    if (!by_rules) {
      (void)show_malformed(default_spec(Family::kIpv4));
      return;
    }
    for (const Kind& kind : space_->kinds()) {
      FieldBox everything;
      everything.kind = &kind;
      if (!kind.well_formed) look_in(everything);
    }
  }

  bool visit_malformed(const FieldBox& box, const Deciders& deciders) {
    Dice dice(1);
    PacketSampler sampler(new_);
    for (int i = 0; i < kTrials && !malformed_.contains(deciders); ++i) {
      Match match = match_of(box, *space_, dice);
      match.length.reset();
      const auto spec = sampler.sample(match, dice);
      if (!spec) break;
      const Witness sound = Witness(*spec).tidied([&](const Packet& packet) {
        return packet.packet_class == XG_CLASS_OK &&
               matches(new_, match, packet);
      });
      (void)show_malformed(sound.spec());
    }
    if (!malformed_.contains(deciders)) unshown_malformed_.insert(deciders);
    return !full();
  }

  // Each pair of deciders once.
  bool show_malformed(const PacketSpec& spec) {
    bool shown = false;
    for (const auto& frame : malformed_frames(spec)) {
      const Packet packet = dissect(frame, spec.interface);
      const Decision o = evaluate(old_, packet).decision;
      const Decision n = evaluate(new_, packet).decision;
      if (o.packet_class == XG_CLASS_OK || o.verdict == n.verdict) continue;
      shown = true;
      if (!malformed_.insert({o.rule, n.rule}).second) continue;
      const bool short_frame = !packet.dst_mac;  // words need that much
      add(o, n, short_frame ? "frame " + hex_text(frame) : packet_text(packet));
    }
    return shown;
  }

  // In the order of the new rules, then of the old ones; the defaults last.
  void sort_by_rules() {
    constexpr std::uint32_t kLast = ~std::uint32_t{0};
    std::ranges::stable_sort(report_.differences, {}, [&](const Difference& d) {
      return std::pair(d.new_side.rule.value_or(kLast),
                       d.old_side.rule.value_or(kLast));
    });
  }

  const Policy& old_;
  const Policy& new_;
  const DiffOptions options_;
  Budget time_;
  const Alignment alignment_;
  std::map<std::string, int> effects_;
  std::optional<Space> space_;
  std::optional<RuleIndex> old_index_, new_index_;
  SearchSide old_side_, new_side_;
  std::optional<WitnessSource> witnesses_;
  DiffSearch* current_ = nullptr;
  std::vector<FieldBox> unfinished_;
  std::vector<Deciders> known_;
  std::set<Deciders> malformed_, unshown_, unshown_malformed_;
  DiffReport report_;
};

}  // namespace

DiffReport diff(const Policy& old_policy, const Policy& new_policy,
                const DiffOptions& options) {
  return Diff(old_policy, new_policy, options).run();
}

}  // namespace xdpgate
