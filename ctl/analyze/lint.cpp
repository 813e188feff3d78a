// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/lint.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "analyze/cover.h"
#include "analyze/rule_index.h"
#include "analyze/witness.h"
#include "policy/describe.h"
#include "policy/evaluate.h"

namespace xdpgate {
namespace {

// Packets of a rule that are tried before it is looked at closely.
constexpr int kSamples = 8;
// Packets that a finding is held against.
constexpr int kTrials = 8;
// Steps for one rule, first and last time.
constexpr std::uint64_t kFirstSteps = 1 << 17;
constexpr std::uint64_t kLastSteps = std::uint64_t{1} << 34;
// Longer lists of rules that take a rule's packets together are not shortened.
constexpr std::size_t kMostShortened = 24;

enum class State : std::uint8_t { kOpen, kFine, kFound, kGivenUp };

class Lint {
 public:
  Lint(const Policy& policy, const DecidingRule& decide,
       const LintOptions& options)
      : policy_(policy),
        decide_(decide),
        options_(options),
        time_(~std::uint64_t{0}, options.seconds),
        witnesses_(policy),
        states_(policy.rules.size(), State::kOpen) {}

  LintReport run() {
    for (std::uint32_t i = 0; i < states_.size() && !time_.late(); ++i) {
      if (seems_fine(i)) states_[i] = State::kFine;
    }
    if (!time_.late() && (any_open() || options_.notes)) look_closely();
    find_repeated_counts();
    return finish();
  }

 private:
  [[nodiscard]] bool any_open() const {
    return std::ranges::find(states_, State::kOpen) != states_.end();
  }

  // A packet of the rule that no rule before it decides.
  bool seems_fine(std::uint32_t rule) {
    for (int i = 0; i < kSamples; ++i) {
      const auto witness = witnesses_.of_rule(rule);
      if (!witness) return false;
      if (reaches(*witness, rule)) return true;
    }
    return false;
  }
  [[nodiscard]] bool reaches(const Witness& witness, std::uint32_t rule) const {
    return decide_(witness.frame(), witness.interface()).value_or(rule) >= rule;
  }

  void look_closely() {
    space_.emplace(std::vector{&policy_});
    index_.emplace(policy_, *space_);
    for (auto steps = kFirstSteps; steps <= kLastSteps; steps <<= 4) {
      bool any_open = false;
      for (std::uint32_t i = 0; i < states_.size(); ++i) {
        if (states_[i] != State::kOpen) continue;
        if (time_.late()) return;
        Budget budget = time_.part(steps);
        states_[i] = examine(i, budget);
        any_open = any_open || states_[i] == State::kOpen;
      }
      if (!any_open) break;
    }
    if (options_.notes) note_partly();
  }

  State examine(std::uint32_t rule, Budget& budget) {
    const auto boxes = index_->boxes(rule);
    if (boxes.empty()) return impossible(rule);
    std::vector<RuleBoxes> meeting;
    for (const RuleBox& box : boxes) {
      meeting.push_back(index_->meeting(box.box, rule, budget));
    }
    const auto whole = covering_alone(boxes, meeting, budget);
    if (budget.over()) return State::kOpen;
    if (!whole.empty()) return shadowed_by_one(rule, whole, budget);
    return search(rule, boxes, meeting, budget);
  }

  State impossible(std::uint32_t rule) {
    if (witnesses_.of_rule(rule)) return State::kGivenUp;  // our own mistake
    report({LintKind::kImpossible, rule, {}, {}});
    return State::kFound;
  }

  // The rules that cover every box alone.
  [[nodiscard]] std::vector<std::uint32_t> covering_alone(
      std::span<const RuleBox> boxes, const std::vector<RuleBoxes>& meeting,
      Budget& budget) const {
    std::vector<std::uint32_t> result;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      std::vector<std::uint32_t> here;
      for (const RuleBox* other : meeting[i]) {
        if (uncovered_fields(other->box, boxes[i].box, budget) == 0) {
          here.push_back(other->rule);
        }
      }
      if (i == 0) result = here;
      std::erase_if(result, [&](std::uint32_t rule) {
        return !std::ranges::binary_search(here, rule);
      });
      if (result.empty()) break;
    }
    return result;
  }

  State shadowed_by_one(std::uint32_t rule,
                        const std::vector<std::uint32_t>& whole,
                        Budget& budget) {
    const auto equal = std::ranges::find_if(whole, [&](std::uint32_t other) {
      return is_inside(other, rule, budget);
    });
    if (equal != whole.end() && !budget.over()) {
      return found(LintKind::kDuplicate, rule, {*equal});
    }
    return found(LintKind::kShadowed, rule, {whole.front()});
  }

  // Whether each box of `inner` lies in one of `outer`.
  [[nodiscard]] bool is_inside(std::uint32_t inner, std::uint32_t outer,
                               Budget& budget) const {
    return std::ranges::all_of(index_->boxes(inner), [&](const RuleBox& b) {
      return std::ranges::any_of(index_->boxes(outer), [&](const RuleBox& a) {
        return a.box.kind == b.box.kind &&
               uncovered_fields(a.box, b.box, budget) == 0;
      });
    });
  }

  State search(std::uint32_t rule, std::span<const RuleBox> boxes,
               const std::vector<RuleBoxes>& meeting, Budget& budget) {
    std::set<std::uint32_t> used;
    bool unknown = false;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      CoverSearch cover(
          budget, [&](const FieldBox& rest) { return is_left(rest, rule); });
      const Covered covered = cover.covered(boxes[i].box, meeting[i]);
      if (covered == Covered::kNo) return State::kFine;
      unknown = unknown || covered == Covered::kUnknown;
      used.insert(cover.used().begin(), cover.used().end());
    }
    if (budget.over()) return State::kOpen;
    if (unknown) return State::kGivenUp;
    return found(LintKind::kShadowed, rule,
                 shortened({used.begin(), used.end()}, boxes, budget));
  }

  // Whether `rest`, which no rule before `rule` seems to take, has a packet.
  bool is_left(const FieldBox& rest, std::uint32_t rule) {
    if (!rest.kind->well_formed) return true;
    for (int i = 0; i < kTrials; ++i) {
      const auto witness = witnesses_.of_box(rest, *space_);
      if (!witness) return false;
      const Packet packet = witness->packet();
      FilterState state = state_for(rest, packet, policy_, *space_);
      if (!matches(policy_, policy_.rules[rule].match, packet, &state)) {
        continue;
      }
      if (rest.asks(kUnknown) ? reaches(packet, rule, state)
                              : reaches(*witness, rule)) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool reaches(const Packet& packet, std::uint32_t rule,
                             FilterState state) const {
    return evaluate(policy_, packet, &state).decision.rule.value_or(rule) >=
           rule;
  }

  // Without those that the others can do without.
  std::vector<std::uint32_t> shortened(std::vector<std::uint32_t> used,
                                       std::span<const RuleBox> boxes,
                                       Budget& budget) {
    if (used.size() > kMostShortened) return used;
    for (std::size_t i = used.size(); i-- > 0;) {
      auto fewer = used;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (cover_together(fewer, boxes, budget)) used = std::move(fewer);
    }
    return used;
  }

  bool cover_together(const std::vector<std::uint32_t>& rules,
                      std::span<const RuleBox> boxes, Budget& budget) {
    return std::ranges::all_of(boxes, [&](const RuleBox& box) {
      RuleBoxes covers;
      for (std::uint32_t rule : rules) {
        for (const RuleBox& other : index_->boxes(rule)) {
          if (other.box.kind == box.box.kind) covers.push_back(&other);
        }
      }
      CoverSearch cover(budget, [](const FieldBox&) { return true; });
      return cover.covered(box.box, covers) == Covered::kYes;
    });
  }

  // The last word is the evaluator's: no packet of the rule may reach it.
  State found(LintKind kind, std::uint32_t rule,
              std::vector<std::uint32_t> others) {
    LintFinding finding{kind, rule, std::move(others), {}};
    bool best = false;  // one of those that are named decides the packet
    for (int i = 0; i < kTrials; ++i) {
      auto trial = draw(rule);
      if (!trial) break;
      const auto decided = trial->decided(policy_);
      if (decided.value_or(rule) >= rule) return State::kGivenUp;
      const bool named =
          std::ranges::find(finding.others, *decided) != finding.others.end();
      if (best || (!named && !finding.witness.empty())) continue;
      finding.witness = text_of(*trial, rule);
      best = named;
    }
    report(std::move(finding));
    return State::kFound;
  }

  // A packet, and what the filter remembers when it comes.
  struct Trial {
    Witness witness;
    FilterState state;
    bool fresh = true;  ///< it remembers nothing

    [[nodiscard]] std::optional<std::uint32_t> decided(const Policy& policy) {
      return decided(policy, witness.packet());
    }
    [[nodiscard]] std::optional<std::uint32_t> decided(const Policy& policy,
                                                       const Packet& packet) {
      FilterState then = state;  // judging changes it
      return evaluate(policy, packet, &then).decision.rule;
    }
  };

  // A packet of `rule`.
  std::optional<Trial> draw(std::uint32_t rule) {
    if (auto witness = witnesses_.of_rule(rule)) {
      return Trial{std::move(*witness), FilterState(policy_), true};
    }
    if (!index_) return std::nullopt;
    for (const RuleBox& box : index_->boxes(rule)) {
      auto witness = witnesses_.of_box(box.box, *space_);
      if (!witness) continue;
      const Packet packet = witness->packet();
      FilterState state = state_for(box.box, packet, policy_, *space_);
      if (matches(policy_, policy_.rules[rule].match, packet, &state)) {
        const bool fresh = !box.box.asks(kUnknown);
        return Trial{std::move(*witness), std::move(state), fresh};
      }
    }
    return std::nullopt;
  }

  // The packet, or a tidier one of which the same is true. The quick word finds
  // it where that will do; the evaluator confirms it.
  std::string text_of(Trial& trial, std::uint32_t rule) const {
    const auto decided = trial.decided(policy_);
    auto tidied = [&](auto decider) {
      return trial.witness.tidied([&](const Packet& packet) {
        return matches(policy_, policy_.rules[rule].match, packet,
                       &trial.state) &&
               decider(packet) == decided;
      });
    };
    if (trial.fresh) {
      const Witness tidy = tidied([&](const Packet& packet) {
        return decide_(packet.bytes, packet.interface);
      });
      if (trial.decided(policy_, tidy.packet()) == decided) return tidy.text();
    }
    return tidied([&](const Packet& packet) {
             return trial.decided(policy_, packet);
           })
        .text();
  }

  // Rules that count the same packets twice are not shadowed.
  void find_repeated_counts() {
    std::map<std::string, std::uint32_t> first;
    for (std::uint32_t i = 0; i < states_.size(); ++i) {
      const Rule& rule = policy_.rules[i];
      if (rule.action != Action::kCount || states_[i] == State::kFound)
        continue;
      const auto [place, fresh] = first.emplace(describe(rule, policy_), i);
      if (fresh) continue;
      LintFinding finding{LintKind::kDuplicate, i, {place->second}, {}};
      if (auto trial = draw(i)) finding.witness = text_of(*trial, i);
      report(std::move(finding));
    }
  }

  void note_partly() {
    for (std::uint32_t i = 0; i < states_.size() && !time_.late(); ++i) {
      if (states_[i] == State::kFine) note_partly(i);
    }
  }

  // Rules of the same action may take what they like.
  void note_partly(std::uint32_t rule) {
    Budget budget = time_.part(kFirstSteps);
    LintFinding finding{LintKind::kPartly, rule, {}, {}};
    for (const RuleBox& box : index_->boxes(rule)) {
      for (const RuleBox* other : index_->meeting(box.box, rule, budget)) {
        const bool known = std::ranges::find(finding.others, other->rule) !=
                           finding.others.end();
        if (known || same_action(other->rule, rule)) continue;
        auto trial = taken_by(*other, box, budget);
        if (!trial) continue;
        finding.others.push_back(other->rule);
        if (finding.witness.empty()) finding.witness = text_of(*trial, rule);
      }
    }
    if (finding.others.empty()) return;
    std::ranges::sort(finding.others);
    report(std::move(finding));
  }

  [[nodiscard]] bool same_action(std::uint32_t a, std::uint32_t b) const {
    const Rule& one = policy_.rules[a];
    const Rule& other = policy_.rules[b];
    return one.action == other.action && one.limit == other.limit &&
           one.ban == other.ban;
  }

  // A packet of `box` that the rule of `other` decides.
  std::optional<Trial> taken_by(const RuleBox& other, const RuleBox& box,
                                Budget& budget) {
    ValueStore store;
    const FieldBox both = common(other.box, box.box, store, budget);
    auto witness = witnesses_.of_box(both, *space_);
    if (!witness) return std::nullopt;
    const Packet packet = witness->packet();
    Trial trial{std::move(*witness), state_for(both, packet, policy_, *space_),
                !both.asks(kUnknown)};
    const bool shows =
        matches(policy_, policy_.rules[box.rule].match, packet, &trial.state) &&
        trial.decided(policy_) == other.rule;
    return shows ? std::optional(std::move(trial)) : std::nullopt;
  }

  void report(LintFinding finding) {
    report_.findings.push_back(std::move(finding));
  }

  LintReport finish() {
    std::ranges::stable_sort(report_.findings, {}, &LintFinding::rule);
    report_.settled =
        static_cast<std::size_t>(std::ranges::count(states_, State::kFine) +
                                 std::ranges::count(states_, State::kFound));
    report_.out_of_time = any_open();
    return std::move(report_);
  }

  const Policy& policy_;
  const DecidingRule& decide_;
  const LintOptions options_;
  Budget time_;
  WitnessSource witnesses_;
  std::vector<State> states_;
  std::optional<Space> space_;
  std::optional<RuleIndex> index_;
  LintReport report_;
};

}  // namespace

LintReport lint(const Policy& policy, const DecidingRule& decide,
                const LintOptions& options) {
  return Lint(policy, decide, options).run();
}

}  // namespace xdpgate
