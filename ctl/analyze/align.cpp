// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/align.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "policy/describe.h"

namespace xdpgate {
namespace {

using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

bool same_set(const NamedAddressSet& a, const NamedAddressSet& b) {
  return a.dynamic.has_value() == b.dynamic.has_value() &&
         a.elements == b.elements;
}

// The names of sets that hold the same in both policies.
std::set<std::string> unchanged_sets(const Policy& a, const Policy& b) {
  std::set<std::string> names;
  for (const NamedAddressSet& set : a.address_sets) {
    const auto other =
        std::ranges::find(b.address_sets, set.name, &NamedAddressSet::name);
    if (other != b.address_sets.end() && same_set(set, *other)) {
      names.insert(set.name);
    }
  }
  return names;
}

// Equal for rules that mean the same. `side` keeps rules over sets that have
// changed apart.
class Meaning {
 public:
  Meaning(const Policy& policy, std::set<std::string> unchanged,
          std::string side)
      : policy_(policy),
        unchanged_(std::move(unchanged)),
        side_(std::move(side)) {}

  [[nodiscard]] std::string of(const Rule& rule) const {
    const std::string text = describe(rule, policy_);
    return uses_changed(rule.match.src) || uses_changed(rule.match.dst)
               ? side_ + text
               : text;
  }

 private:
  [[nodiscard]] bool uses_changed(
      const std::optional<AddressMatch>& match) const {
    return match && std::ranges::any_of(match->sets, [&](std::uint32_t set) {
             return !unchanged_.contains(policy_.address_sets[set].name);
           });
  }

  const Policy& policy_;
  std::set<std::string> unchanged_;
  std::string side_;
};

// Each rule of the new policy with the first equal one of the old that has no
// partner yet.
Pairs equal_pairs(const Policy& old_policy, const Policy& new_policy) {
  const auto unchanged = unchanged_sets(old_policy, new_policy);
  const Meaning old_meaning(old_policy, unchanged, "old ");
  const Meaning new_meaning(new_policy, unchanged, "new ");
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_meaning;
  for (std::uint32_t i = old_policy.rules.size(); i-- > 0;) {
    by_meaning[old_meaning.of(old_policy.rules[i])].push_back(i);
  }
  Pairs pairs;
  for (std::uint32_t i = 0; i < new_policy.rules.size(); ++i) {
    const auto found = by_meaning.find(new_meaning.of(new_policy.rules[i]));
    if (found == by_meaning.end() || found->second.empty()) continue;
    pairs.emplace_back(found->second.back(), i);
    found->second.pop_back();
  }
  return pairs;
}

// The longest part of `pairs`, which rise in the second number, that rises in
// the first (patience sorting).
Pairs longest_rising(const Pairs& pairs) {
  std::vector<std::size_t> tops;  // of the piles
  std::vector<std::optional<std::size_t>> before(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto pile =
        std::ranges::lower_bound(tops, pairs[i].first, {},
                                 [&](std::size_t p) { return pairs[p].first; });
    if (pile != tops.begin()) before[i] = *std::prev(pile);
    if (pile == tops.end()) {
      tops.push_back(i);
    } else {
      *pile = i;
    }
  }
  Pairs result;
  std::optional<std::size_t> at;
  if (!tops.empty()) at = tops.back();
  for (; at; at = before[*at]) result.push_back(pairs[*at]);
  std::ranges::reverse(result);
  return result;
}

}  // namespace

Alignment align(const Policy& old_policy, const Policy& new_policy) {
  constexpr std::uint32_t kNone = ~std::uint32_t{0};
  Alignment result;
  result.old_rules.assign(old_policy.rules.size(), kNone);
  result.new_rules.assign(new_policy.rules.size(), kNone);
  for (const auto& [o, n] :
       longest_rising(equal_pairs(old_policy, new_policy))) {
    result.old_rules[o] = result.new_rules[n] = result.common++;
  }
  std::uint32_t next = result.common;
  for (auto* rules : {&result.old_rules, &result.new_rules}) {
    for (std::uint32_t& number : *rules) {
      if (number == kNone) number = next++;
    }
  }
  return result;
}

std::string effect_text(const Rule& rule, const Policy& policy) {
  Rule effect = rule;
  effect.match = {};
  effect.log_every.reset();
  // Within a limit or beyond it, it is the same.
  if (effect.limit && effect.limit->over == effect.action && !effect.ban) {
    effect.limit.reset();
  }
  const std::string text = describe(effect, policy);
  return text.substr(text.find("action: "));  // as the default's
}

}  // namespace xdpgate
