// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/rule_series.h"

#include <algorithm>
#include <utility>

namespace xdpgate {
namespace {

// How far `now` is beyond `before`; all of it where the rule began anew.
__u64 rise(__u64 before, __u64 now) {
  return now < before ? now : now - before;
}

void add_rise(const xg_counter& before, const xg_counter& now,
              xg_counter& sum) {
  sum.packets += rise(before.packets, now.packets);
  sum.bytes += rise(before.bytes, now.bytes);
}

void add_rise(const xg_counter& before, const xg_counter& now,
              std::optional<xg_counter>& sum) {
  if (!sum) sum.emplace();
  add_rise(before, now, *sum);
}

// The packets of a rule and those beyond its limit are read one after the other
// while packets come in: the difference may fall by those, and must not.
xg_counter steady(const xg_counter& before, const xg_counter& now) {
  return {std::max(before.packets, now.packets),
          std::max(before.bytes, now.bytes)};
}

}  // namespace

std::vector<bool> RuleSeriesChoice::choose(
    const std::vector<RuleStats>& rules) const {
  std::vector<bool> own(rules.size());
  std::vector<std::size_t> have, lack;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto seen = seen_.find(rules[i].name);
    own[i] = seen != seen_.end() && seen->second.own;
    (own[i] ? have : lack).push_back(i);
  }
  auto packets = [&](std::size_t i) { return rules[i].packets; };
  std::ranges::stable_sort(lack, std::ranges::greater{}, packets);
  std::ranges::stable_sort(have, std::ranges::less{}, packets);
  auto next = lack.begin();
  for (std::size_t count = have.size(); count < most_ && next != lack.end();
       ++count) {
    own[*next++] = true;
  }
  for (auto least = have.begin(); least != have.end() && next != lack.end() &&
                                  packets(*next) > 2 * packets(*least);
       ++least) {
    own[*least] = false;
    own[*next++] = true;
  }
  return own;
}

RuleSeriesChoice::Seen RuleSeriesChoice::look_at(const RuleStats& rule,
                                                 const Seen* before, bool own) {
  Seen now{{rule.packets, rule.bytes}, {}, {}, own};
  if (!rule.over) return now;
  now.over = *rule.over;
  now.within = within(rule);
  const bool goes_on = before && before->all.packets <= rule.packets;
  if (goes_on) now.within = steady(before->within, now.within);
  return now;
}

// A rule that has had a series and keeps it, or that has one from the start,
// shares nothing; what one counts before it gets its series is shared still.
void RuleSeriesChoice::share(const Seen* before, const Seen& now,
                             bool has_limit) {
  if (first_ || (now.own && (!before || before->own))) return;
  const Seen none;
  if (!before) before = &none;
  add_rise(before->all, now.all, shared_.all);
  if (!has_limit) return;
  add_rise(before->within, now.within, shared_.within);
  add_rise(before->over, now.over, shared_.over);
}

std::vector<RuleSeries> RuleSeriesChoice::next(
    const std::vector<RuleStats>& rules) {
  const std::vector<bool> own = choose(rules);
  std::vector<RuleSeries> result;
  SeenByName looks;
  looks.reserve(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RuleStats& rule = rules[i];
    const auto seen = seen_.find(rule.name);
    const Seen* before = seen == seen_.end() ? nullptr : &seen->second;
    const Seen now = look_at(rule, before, own[i]);
    share(before, now, rule.over.has_value());
    if (own[i]) result.push_back({rule.name, now.all});
    if (own[i] && rule.over) {
      result.back().within = now.within;
      result.back().over = now.over;
    }
    looks.emplace(rule.name, now);
  }
  if (rules.size() > most_ || shared_.all.packets > 0) {
    result.push_back(shared_);
  }
  seen_ = std::move(looks);
  first_ = false;
  return result;
}

}  // namespace xdpgate
