// SPDX-License-Identifier: GPL-2.0-only
// confirm() and rollback(): each is one change that decides, and what follows
// from it, which whoever comes next would do as well.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "bpf/bpffs.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/lease.h"
#include "bpf/lock.h"
#include "bpf/set_array.h"
#include "bpf/snapshot.h"
#include "policy/duration.h"

namespace xdpgate {
namespace {

// An instance under the lock, made whole.
struct Held {
  Lock lock;
  InstanceDir dir;
  Entry entry;

  [[nodiscard]] std::string text() const {
    return "`" + dir.instance() + "`";
  }
};

// The only instance with a policy that waits; else as running_instance() says.
Result<InstanceDir> choose(const std::string& name) {
  if (!name.empty()) return running_instance(name);
  auto all = running_instances();
  if (!all) return std::unexpected(all.error());
  std::optional<InstanceDir> waiting;
  for (const InstanceDir& dir : *all) {
    auto entry = dir.open_entry();
    auto lease = entry ? dir.lease_in_force(*entry)
                       : Result<std::optional<Lease>>(std::nullopt);
    if (!lease || !*lease) continue;
    if (waiting) return running_instance(name);
    waiting = dir;
  }
  return waiting ? *waiting : running_instance(name);
}

Result<Held> hold(const std::string& instance) {
  auto dir = choose(instance);
  if (!dir) return std::unexpected(dir.error());
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto lock = Lock::take(*state);
  if (!lock) return std::unexpected(lock.error());
  auto recovered = dir->recover();
  if (!recovered) return std::unexpected(recovered.error());
  auto entry = dir->open_entry();
  if (!entry) return std::unexpected(entry.error());
  return Held{std::move(*lock), std::move(*dir), std::move(*entry)};
}

// Why there is nothing to confirm.
std::unexpected<Error> not_confirmed(const Held& held) {
  const Error none{"confirm", held.text(), "no policy of it waits for that",
                   "`xdpgate apply POLICY --confirm 60s` makes one wait"};
  auto lease = held.dir.lease_status(held.entry);
  if (!lease || !*lease) return failure(none);
  const LeaseStatus& last = **lease;
  const std::string now =
      last.before == 0
          ? std::string("everything passes since")
          : fmt::format("generation {} is in force again since", last.before);
  const std::string how =
      last.state == LeaseStatus::State::kExpired
          ? fmt::format("not confirmed within {}",
                        duration_text(last.length_ns))
          : std::string("rolled back");
  return failure({"confirm", held.text(),
                  fmt::format("too late: generation {} was {}, and {} {}",
                              last.generation, how, now,
                              duration_text(last.ns)),
                  "apply the policy again"});
}

Result<LeaseOutcome> outcome(const Held& held) {
  auto current = held.dir.current(held.entry);
  if (!current) return std::unexpected(current.error());
  return LeaseOutcome{held.dir.instance(),
                      *current ? (*current)->number() : 0, false};
}

// State that the generation before has to have before packets meet it: as much
// as can be had while the later one still changes it. recover() does the rest.
Result<void> prepare_return(const Generation& later, const Generation& before) {
  auto from = later.limits();
  if (!from) return std::unexpected(from.error());
  auto to = before.limits();
  if (!to) return std::unexpected(to.error());
  auto later_sets = later.sets();
  if (!later_sets) return std::unexpected(later_sets.error());
  auto sets = before.sets();
  if (!sets) return std::unexpected(sets.error());
  auto done = return_sets(*later_sets, *sets);
  if (!done) return done;
  return carry_limits({later.image(), *from}, {before.image(), *to});
}

std::unexpected<Error> nothing_before(const Held& held,
                                      std::uint64_t generation) {
  return failure({"roll back", held.text(),
                  fmt::format("no policy before generation {} is kept",
                              generation),
                  "`xdpgate apply` an older one, or `xdpgate detach`"});
}

Result<void> roll_back(const Held& held, const Generation& current,
                       const Generation& before) {
  auto prepared = prepare_return(current, before);
  if (!prepared) return prepared;
  auto lease = held.dir.lease_in_force(held.entry);
  if (!lease) return std::unexpected(lease.error());
  if (*lease) {
    (*lease)->roll_back();
  } else {
    auto record = Lease::create_record(current, before);
    if (!record) return std::unexpected(record.error());
    record->roll_back();
    auto done = put_in_force(held.entry.slots.get(), before.program_fd());
    if (!done) return done;
  }
  return held.dir.recover();
}

}  // namespace

Result<LeaseOutcome> confirm(const std::string& instance) {
  auto held = hold(instance);
  if (!held) return std::unexpected(held.error());
  auto lease = held->dir.lease_in_force(held->entry);
  if (!lease) return std::unexpected(lease.error());
  const bool in_time = *lease && (*lease)->confirm();
  auto settled = held->dir.recover();
  if (!settled) return std::unexpected(settled.error());
  if (!in_time) return not_confirmed(*held);
  return outcome(*held);
}

Result<LeaseOutcome> rollback(const std::string& instance) {
  auto held = hold(instance);
  if (!held) return std::unexpected(held.error());
  auto current = held->dir.current(held->entry);
  if (!current) return std::unexpected(current.error());
  if (!*current) return nothing_before(*held, 0);
  auto before = held->dir.before((*current)->number());
  if (!before) return std::unexpected(before.error());
  if (!*before) return nothing_before(*held, (*current)->number());
  if ((*before)->number() == 0) {  // as if there had been no apply
    auto removed = held->dir.remove();
    if (!removed) return std::unexpected(removed.error());
    return LeaseOutcome{held->dir.instance(), 0, true};
  }
  auto done = roll_back(*held, **current, **before);
  if (!done) return std::unexpected(done.error());
  return outcome(*held);
}

}  // namespace xdpgate
