// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/snapshot.h"

#include <utility>

#include <fmt/format.h>

#include <algorithm>

#include "bpf/bpffs.h"
#include "bpf/dead_reader.h"
#include "bpf/lock.h"

namespace xdpgate {
namespace {

constexpr int kReadTries = 50;  // of a generation that keeps being replaced

// Before the base is sealed it is what the old generation's counts make of it.
Result<Totals> unsealed_totals(const InstanceDir& dir,
                               const Generation& generation) {
  auto old = dir.before(generation.number());
  if (!old) return std::unexpected(old.error());
  if (!*old) {
    return failure({"read", "`" + dir.instance() + "`",
                    "the generation before is gone", "try again"});
  }
  auto before = totals_of(**old);
  if (!before) return before;
  auto base = carried_over((*old)->image(), *before, generation.image(),
                           generation.number());
  if (!base) return base;
  return with_live(generation, std::move(*base));
}

// With what later ones have counted that gave way to it and have not been folded
// in yet.
Result<Totals> sealed_totals(const InstanceDir& dir,
                             const Generation& generation) {
  auto totals = totals_of(generation);
  auto numbers = dir.generations();
  if (!numbers) return std::unexpected(numbers.error());
  for (std::uint64_t number : *numbers) {
    if (!totals || number <= generation.number()) continue;
    auto lease = Lease::open(dir.generation_path(number));
    if (!lease) return std::unexpected(lease.error());
    if (!*lease || (*lease)->state() != LeaseState::kEnded) continue;
    auto later = Generation::open(dir.generation_path(number), number);
    if (!later) return std::unexpected(later.error());
    totals = with_returned(generation, std::move(*totals), *later);
  }
  return totals;
}

// Whether what was read of the generation is all there still is.
bool is_still_so(const InstanceDir& dir, const Entry& entry,
                 const Generation& read, bool sealed) {
  const auto now = dir.current(entry);
  return now && *now && (*now)->number() == read.number() &&
         (*now)->newest() == read.newest() && (*now)->sealed() == sealed;
}

// One attempt; an error may be due to a swap that happened meanwhile.
Result<Generation> try_generation(const InstanceDir& dir, const Entry& entry) {
  auto generation = dir.current(entry);
  if (!generation) return std::unexpected(generation.error());
  if (*generation) return std::move(**generation);
  return failure({"read", "`" + dir.instance() + "`",
                  "no generation is in force", "apply its policy again"});
}

// Likewise.
Result<Snapshot> try_snapshot(const InstanceDir& dir) {
  auto entry = dir.open_entry();
  if (!entry) return std::unexpected(entry.error());
  auto generation = try_generation(dir, *entry);
  if (!generation) return std::unexpected(generation.error());
  const bool sealed = generation->sealed();
  auto totals =
      sealed ? sealed_totals(dir, *generation)
             : unsealed_totals(dir, *generation);
  if (!totals) return std::unexpected(totals.error());
  auto entry_id = program_id(entry->program.get());
  if (!entry_id) return std::unexpected(entry_id.error());
  if (!is_still_so(dir, *entry, *generation, sealed)) {
    return failure({"read", "`" + dir.instance() + "`",
                    "it keeps being replaced", "try again"});
  }
  return Snapshot{std::move(*generation), std::move(*totals), *entry_id};
}

// Whether a generation is in force; what cannot be read counts as one, so that
// it is reported and not passed over.
bool runs(const InstanceDir& dir) {
  auto entry = dir.open_entry();
  if (!entry) return exists(dir.path() + "/entry");
  const auto id = program_in_force(entry->slots.get());
  return !id || *id != 0;
}

}  // namespace

Result<Snapshot> snapshot(const InstanceDir& dir) {
  auto result = try_snapshot(dir);
  for (int i = 1; !result && i < kReadTries; ++i) result = try_snapshot(dir);
  return result;
}

Result<Generation> generation_in_force(const InstanceDir& dir) {
  Result<Generation> result = std::unexpected(Error());
  for (int i = 0; !result && i < kReadTries; ++i) {
    auto entry = dir.open_entry();
    if (!entry) return std::unexpected(entry.error());
    result = try_generation(dir, *entry);
  }
  return result;
}

Result<std::vector<InstanceDir>> running_instances() {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto names = instance_names(*state);
  if (!names) return std::unexpected(names.error());
  std::vector<InstanceDir> result;
  for (const std::string& name : *names) {
    const InstanceDir dir(*state, name);
    if (!dir.is_settled()) {
      const auto lock = Lock::try_take(*state);
      if (lock) (void)dir.recover();
    }
    clear_dead_reader(dir);
    if (runs(dir)) result.push_back(dir);
  }
  return result;
}

Result<InstanceDir> running_instance(const std::string& name) {
  auto all = running_instances();
  if (!all) return std::unexpected(all.error());
  if (all->empty()) {
    return failure({"find", "a running filter", "there is none",
                    "`xdpgate apply POLICY` starts one"});
  }
  if (name.empty() && all->size() == 1) return all->front();
  std::vector<std::string> names;
  for (const InstanceDir& dir : *all) names.push_back(dir.instance());
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  if (name.empty()) {
    return failure({"choose", "an instance", "several run: " + list,
                    "name one with --name"});
  }
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    return failure({"find", "`" + name + "`", "no such instance",
                    "these run: " + list});
  }
  return (*all)[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace xdpgate
