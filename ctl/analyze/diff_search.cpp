// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/diff_search.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace xdpgate {
namespace {

constexpr int kMaxDepth = 2000;
// Longer lists of possible deciders are not held against the known ones.
constexpr std::size_t kMostPairs = 256;

RuleBoxes meeting(const FieldBox& box, const RuleBoxes& all, Budget& budget) {
  RuleBoxes result;
  for (const RuleBox* other : all) {
    if (meet(other->box, box, budget)) result.push_back(other);
  }
  return result;
}

std::optional<std::uint32_t> first_of(const RuleBoxes& rules) {
  return rules.empty() ? std::nullopt : std::optional(rules.front()->rule);
}

}  // namespace

bool DiffSearch::search(const FieldBox& box) {
  return look(box, rules_in(old_, box), rules_in(new_, box), 0);
}

RuleBoxes DiffSearch::rules_in(const SearchSide& side, const FieldBox& box) {
  if (!box.kind->well_formed && !side.rules_see_malformed) return {};
  return side.index->meeting(
      box, static_cast<std::uint32_t>(side.numbers.size()), budget_);
}

int DiffSearch::default_of(const SearchSide& side, const FieldBox& box) const {
  const bool by_class = !box.kind->well_formed && !side.rules_see_malformed;
  return by_class ? side.malformed_effect : side.default_effect;
}

DiffSearch::List DiffSearch::list_for(const FieldBox& box,
                                      const RuleBoxes& rules) {
  List list;
  for (const RuleBox* rule : rules) {
    if (!budget_.spend()) break;
    const std::uint32_t open = uncovered_fields(rule->box, box, budget_);
    if (list.rules.empty()) list.open = open;
    list.rules.push_back(rule);
    list.covered = open == 0;
    if (list.covered) break;
  }
  return list;
}

bool DiffSearch::same_rules(const List& a, const List& b) const {
  return a.covered && b.covered &&
         std::ranges::equal(
             a.rules, b.rules, [&](const RuleBox* x, const RuleBox* y) {
               return old_.numbers[x->rule] == new_.numbers[y->rule];
             });
}

bool DiffSearch::one_effect(const FieldBox& box, const List& a,
                            const List& b) const {
  std::optional<int> effect;
  auto is = [&](int other) { return effect.value_or(other) == other; };
  auto all = [&](const SearchSide& side, const List& list) {
    if (!list.covered) {
      const int last = default_of(side, box);
      if (!is(last)) return false;
      effect = last;
    }
    return std::ranges::all_of(list.rules, [&](const RuleBox* rule) {
      const int other = side.effects[rule->rule];
      if (!is(other)) return false;
      effect = other;
      return true;
    });
  };
  return all(old_, a) && all(new_, b);
}

bool DiffSearch::is_known(const Deciders& deciders) const {
  return std::ranges::find(known_, deciders) != known_.end();
}

bool DiffSearch::all_known(const List& a, const List& b) const {
  if (known_.empty() ||
      (a.rules.size() + 1) * (b.rules.size() + 1) > kMostPairs) {
    return false;
  }
  auto deciders = [](const List& list) {
    std::vector<std::optional<std::uint32_t>> all;
    for (const RuleBox* rule : list.rules) all.emplace_back(rule->rule);
    if (!list.covered) all.emplace_back(std::nullopt);
    return all;
  };
  auto effect = [](const SearchSide& side,
                   const std::optional<std::uint32_t>& rule) {
    return rule ? side.effects[*rule] : side.default_effect;
  };
  const auto new_deciders = deciders(b);
  return std::ranges::all_of(deciders(a), [&](const auto& x) {
    return std::ranges::all_of(new_deciders, [&](const auto& y) {
      return effect(old_, x) == effect(new_, y) || is_known({x, y});
    });
  });
}

bool DiffSearch::nothing_new(const FieldBox& box, const List& old_list,
                             const List& new_list) const {
  if (same_rules(old_list, new_list)) return true;
  const bool same_default = default_of(old_, box) == default_of(new_, box);
  if (same_default && !old_list.covered && !new_list.covered &&
      old_list.rules.size() == new_list.rules.size()) {
    List a = old_list, b = new_list;
    a.covered = b.covered = true;
    if (same_rules(a, b)) return true;
  }
  return one_effect(box, old_list, new_list) ||
         (box.kind->well_formed && all_known(old_list, new_list));
}

bool DiffSearch::look(FieldBox box, const RuleBoxes& old_rules,
                      const RuleBoxes& new_rules, int depth) {
  if (!budget_.spend()) return false;
  if (depth > kMaxDepth) {
    cut_ = true;
    return true;
  }
  const List o = list_for(box, old_rules);
  const List n = list_for(box, new_rules);
  if (budget_.over()) return false;
  if (nothing_new(box, o, n)) return true;
  if (o.settled() && n.settled()) {
    const Deciders deciders{first_of(o.rules), first_of(n.rules)};
    return is_known(deciders) || visit_(box, deciders);
  }
  const bool by_old =
      !o.settled() &&
      (n.settled() || std::popcount(o.open) <= std::popcount(n.open));
  const RuleBox& by = *(by_old ? o : n).rules.front();
  return split(std::move(box), by, by_old ? o.open : n.open, o.rules, n.rules,
               depth + 1);
}

bool DiffSearch::split(FieldBox box, const RuleBox& by, std::uint32_t fields,
                       const RuleBoxes& old_rules, const RuleBoxes& new_rules,
                       int depth) {
  auto look_at = [&](const FieldBox& part) {
    return look(part, meeting(part, old_rules, budget_),
                meeting(part, new_rules, budget_), depth);
  };
  const bool done = for_all(fields, [&](SpaceField field) {
    const Values& before = box.of(field);
    const Values& other = *by.box.values[field];
    store_.push_back(without(before, other, budget_));
    FieldBox outside = box;
    outside.set(field, &store_.back());
    store_.push_back(intersected(before, other, budget_));
    box.set(field, &store_.back());
    return look_at(outside);
  });
  return done && look_at(box);
}

}  // namespace xdpgate
