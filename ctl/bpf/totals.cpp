// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/totals.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "bpf/live_counters.h"
#include "compile/texts.h"

namespace xdpgate {
namespace {

void add(xg_base_counter& sum, const xg_counter& more) {
  sum.packets += more.packets;
  sum.bytes += more.bytes;
}

void add(xg_counter& sum, const xg_counter& more) {
  sum.packets += more.packets;
  sum.bytes += more.bytes;
}

// Both are read while packets count: a part may be a few ahead of the whole.
xg_counter without(const xg_counter& all, const xg_counter& part) {
  return {all.packets - std::min(all.packets, part.packets),
          all.bytes - std::min(all.bytes, part.bytes)};
}

// Actions that are no verdict hand the packet on.
void add_verdict(std::uint32_t action, const xg_counter& counter,
                 std::array<xg_counter, XG_VERDICTS>& verdicts) {
  if (action < XG_VERDICTS) add(verdicts[action], counter);
}

// What the live counts of one generation come to, by verdict: its own actions
// tell, since a rule's action may change while its name stays.
void add_live_verdicts(const ImageView& image,
                       const std::vector<xg_counter>& live,
                       std::array<xg_counter, XG_VERDICTS>& verdicts) {
  const xg_header& h = image.header();
  add(verdicts[h.default_action], live[XG_SLOT_DEFAULT]);
  if (h.malformed < XG_VERDICTS) {
    for (std::uint32_t c = 0; c < XG_CLASSES; ++c) {
      add(verdicts[h.malformed], live[XG_SLOT_CLASS + c]);
    }
  }
  for (std::uint32_t rule = 0; rule < image.rule_count(); ++rule) {
    const xg_effect* limit = limit_of(image, rule);
    const xg_counter over = limit ? live[limit->limit_slot] : xg_counter{};
    add_verdict(image.rule_action(rule),
                without(live[XG_SLOT_RULE + rule], over), verdicts);
    if (limit) add_verdict(limit->limit_over, over, verdicts);
  }
}

using RulesByName = std::unordered_map<std::string_view, std::uint32_t>;

// What it returns looks at the names in `texts`.
RulesByName rules_by_name(const ImageView& image, const ImageTexts& texts) {
  RulesByName by_name;
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    by_name.emplace(texts.rule_name(i), i);
  }
  return by_name;
}

Totals base_of(const Generation& generation) {
  Totals totals;
  const auto base = generation.base();
  totals.slots.assign(base.begin(), base.end());
  for (std::uint32_t v = 0; v < XG_VERDICTS; ++v) {
    totals.verdicts[v] = {base[XG_SLOT_VERDICT + v].packets,
                          base[XG_SLOT_VERDICT + v].bytes};
  }
  return totals;
}

void store(const Totals& totals, std::span<xg_base_counter> base) {
  for (std::uint32_t slot = 0; slot < totals.slots.size(); ++slot) {
    if (slot != XG_SLOT_SEAL) base[slot] = totals.slots[slot];
  }
  for (std::uint32_t v = 0; v < XG_VERDICTS; ++v) {
    base[XG_SLOT_VERDICT + v] = {totals.verdicts[v].packets,
                                 totals.verdicts[v].bytes, 0};
  }
}

}  // namespace

const xg_effect* limit_of(const ImageView& image, std::uint32_t rule) {
  const xg_effect* effect = image.rule_effect(rule);
  return effect && effect->limit_cost != 0 ? effect : nullptr;
}

Result<Totals> with_live(const Generation& generation, Totals base) {
  auto live =
      read_live_counters(generation.counters_fd(), base.slots.size());
  if (!live) return std::unexpected(live.error());
  for (std::size_t slot = 0; slot < live->size(); ++slot) {
    add(base.slots[slot], (*live)[slot]);
  }
  add_live_verdicts(generation.image(), *live, base.verdicts);
  return base;
}

Result<Totals> totals_of(const Generation& generation) {
  return with_live(generation, base_of(generation));
}

Result<Totals> carried_over(const ImageView& old, const Totals& old_totals,
                            const ImageView& next, std::uint64_t next_number) {
  const auto old_texts = ImageTexts::of(old);
  if (!old_texts) return std::unexpected(old_texts.error());
  const auto next_texts = ImageTexts::of(next);
  if (!next_texts) return std::unexpected(next_texts.error());
  const auto by_name = rules_by_name(old, *old_texts);
  Totals result;
  result.verdicts = old_totals.verdicts;
  result.slots.resize(next.slot_count());
  for (std::uint32_t slot = 0; slot < XG_SLOT_VERDICT; ++slot) {
    result.slots[slot] = old_totals.slots[slot];
  }
  for (std::uint32_t i = 0; i < next.rule_count(); ++i) {
    xg_base_counter& counter = result.slots[XG_SLOT_RULE + i];
    const auto found = by_name.find(next_texts->rule_name(i));
    if (found != by_name.end()) {
      counter = old_totals.slots[XG_SLOT_RULE + found->second];
    }
    if (found == by_name.end() ||
        old.rule_digest(found->second) != next.rule_digest(i)) {
      counter.changed = next_number;
    }
    const xg_effect* limit = limit_of(next, i);
    const xg_effect* before =
        found == by_name.end() ? nullptr : limit_of(old, found->second);
    if (limit && before) {
      result.slots[limit->limit_slot] = old_totals.slots[before->limit_slot];
    }
  }
  return result;
}

Result<Totals> with_returned(const Generation& again, Totals base,
                             const Generation& later) {
  if (again.newest() >= later.number()) return base;  // it has them already
  const ImageView from = later.image(), to = again.image();
  auto live = read_live_counters(later.counters_fd(), from.slot_count());
  if (!live) return std::unexpected(live.error());
  const auto texts = ImageTexts::of(from), names = ImageTexts::of(to);
  if (!texts) return std::unexpected(texts.error());
  if (!names) return std::unexpected(names.error());
  const auto rules = rules_by_name(to, *names);
  for (std::uint32_t slot = 0; slot < XG_SLOT_VERDICT; ++slot) {
    add(base.slots[slot], (*live)[slot]);
  }
  for (std::uint32_t i = 0; i < from.rule_count(); ++i) {
    const auto found = rules.find(texts->rule_name(i));
    if (found == rules.end()) continue;
    add(base.slots[XG_SLOT_RULE + found->second], (*live)[XG_SLOT_RULE + i]);
    const xg_effect* limit = limit_of(to, found->second);
    const xg_effect* after = limit_of(from, i);
    if (!limit || !after) continue;
    add(base.slots[limit->limit_slot], (*live)[after->limit_slot]);
  }
  add_live_verdicts(from, *live, base.verdicts);
  return base;
}

Result<void> give_back(const Generation& later, Generation& again) {
  if (again.newest() >= later.number()) return {};
  auto totals = with_returned(again, base_of(again), later);
  if (!totals) return std::unexpected(totals.error());
  std::vector<xg_base_counter> base(again.base().begin(), again.base().end());
  store(*totals, base);
  base[XG_SLOT_SEAL].changed = later.number();
  return again.replace_base(base);
}

Result<void> fold(const Generation& old, Generation& next) {
  auto totals = totals_of(old);
  if (!totals) return std::unexpected(totals.error());
  auto carried =
      carried_over(old.image(), *totals, next.image(), next.number());
  if (!carried) return std::unexpected(carried.error());
  store(*carried, next.base());
  next.seal();
  return {};
}

}  // namespace xdpgate
