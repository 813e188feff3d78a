// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/open_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "bpf/bpffs.h"
#include "bpf/instance_dir.h"
#include "bpf/snapshot.h"

namespace xdpgate {
namespace {

// The number of the set in the generation before; none: it has no such set.
std::optional<std::uint32_t> number_before(const OpenSet& set) {
  if (!set.all.before_sets) return std::nullopt;
  const auto& infos = set.all.before_sets->infos;
  const auto same = std::ranges::find(infos, set.info().name, &SetInfo::name);
  if (same == infos.end()) return std::nullopt;
  return static_cast<std::uint32_t>(same - infos.begin());
}

Result<void> open_other(OpenSet& set) {
  const auto there = number_before(set);
  if (!there) return {};
  auto map = set.all.before_sets->sets.open(*there);
  if (!map) return std::unexpected(map.error());
  const auto id = set.map.id(), other_id = map->id();
  if (!id || !other_id) return std::unexpected((id ? other_id : id).error());
  if (*id != *other_id) set.other = OpenSet::Other{*there, std::move(*map)};
  return {};
}

Result<void> open_before(const InstanceDir& dir, OpenSets& all) {
  auto before = dir.before(all.generation.number());
  if (!before) return std::unexpected(before.error());
  if (!*before) return {};
  auto sets = (*before)->sets();
  if (!sets) return std::unexpected(sets.error());
  all.before = std::move(*before);
  all.before_sets = std::move(*sets);
  return {};
}

Result<OpenSets> sets_in_force(const InstanceDir& dir) {
  auto generation = generation_in_force(dir);
  if (!generation) return std::unexpected(generation.error());
  auto sets = generation->sets();
  if (!sets) return std::unexpected(sets.error());
  return OpenSets{{}, dir.instance(), std::move(*generation), std::move(*sets)};
}

Result<OpenSets> open_sets_to_change(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto lock = Lock::take(*state);
  if (!lock) return std::unexpected(lock.error());
  auto recovered = dir->recover();
  if (!recovered) return std::unexpected(recovered.error());
  auto all = sets_in_force(*dir);
  if (!all) return all;
  all->lock = std::move(*lock);
  auto opened = open_before(*dir, *all);
  if (!opened) return std::unexpected(opened.error());
  return all;
}

Result<std::uint32_t> number_of(const OpenSets& all, const std::string& set) {
  std::vector<std::string_view> known;
  for (const SetInfo& info : all.sets.infos) known.push_back(info.name);
  const auto found = std::ranges::find(known, set);
  if (found != known.end()) {
    return static_cast<std::uint32_t>(found - known.begin());
  }
  std::string hint = nearest_hint(set, known);
  if (hint.empty() && known.empty()) {
    hint = "a set is dynamic by `dynamic: true` in the policy";
  } else if (hint.empty()) {
    hint = "`xdpgate set list` names them";
  }
  return failure(
      {"find the set", in_quotes(set),
       fmt::format("`{}` has no dynamic set of that name", all.instance),
       hint});
}

Result<OpenSet> set_of(Result<OpenSets> all, const std::string& name) {
  if (!all) return std::unexpected(all.error());
  auto number = number_of(*all, name);
  if (!number) return std::unexpected(number.error());
  auto map = all->sets.sets.open(*number);
  if (!map) return std::unexpected(map.error());
  return OpenSet{std::move(*all), *number, std::move(*map)};
}

}  // namespace

std::vector<SetPlace> OpenSet::places() const {
  std::vector<SetPlace> result = {{&all.sets.sets, number}};
  const auto there = number_before(*this);
  if (there && !other) result.push_back({&all.before_sets->sets, *there});
  return result;
}

std::string OpenSet::text() const {
  return fmt::format("the set `{}` of `{}`", info().name, all.instance);
}

Result<OpenSets> open_sets(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  return sets_in_force(*dir);
}

Result<OpenSet> open_set(const SetName& name) {
  return set_of(open_sets(name.instance), name.set);
}

Result<OpenSet> open_set_to_change(const SetName& name) {
  auto set = set_of(open_sets_to_change(name.instance), name.set);
  if (!set) return set;
  auto opened = open_other(*set);
  if (!opened) return std::unexpected(opened.error());
  return set;
}

}  // namespace xdpgate
