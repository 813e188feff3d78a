// SPDX-License-Identifier: GPL-2.0-only
// InstanceDir::recover(): what whoever comes first does for a predecessor that
// was killed, and for a lease that has run out meanwhile. Each step may be done
// again after a kill.
#include <algorithm>

#include "bpf/bpffs.h"
#include "bpf/dead_reader.h"
#include "bpf/instance_dir.h"
#include "bpf/lease.h"
#include "bpf/take_over.h"

namespace xdpgate {
namespace {

// Whether generation `number` is kept beside `current`: it is the one before,
// which `rollback` returns to. What passes everything, number 0, only stands in
// for a policy before the first while that waits to be confirmed.
bool is_kept(std::uint64_t number, const Generation* before, bool pending) {
  return before && number == before->number() && (number > 0 || pending);
}

}  // namespace

// What the kernel, or a killed `confirm` or `rollback`, has decided is put in
// force directly.
Result<void> InstanceDir::settle_lease(const Entry& entry) const {
  auto lease = lease_in_force(entry);
  if (!lease) return std::unexpected(lease.error());
  if (!*lease || (*lease)->state() == LeaseState::kPending) return {};
  const xg_lease terms = (*lease)->terms();
  const bool ended = (*lease)->state() == LeaseState::kEnded;
  auto program =
      open_pin(generation_path(ended ? terms.before : terms.next) + "/prog");
  if (!program) return std::unexpected(program.error());
  return put_in_force(entry.slots.get(), program->get());
}

// Takes the filter off the interfaces that a confirmed policy no longer runs
// on.
Result<void> InstanceDir::release(const Lease& lease) const {
  auto removed = lease.removed();
  if (!removed) return std::unexpected(removed.error());
  if (removed->empty()) return {};
  auto links = this->links();
  if (!links) return std::unexpected(links.error());
  for (const PinnedLink& link : *links) {
    if (std::ranges::find(*removed, link.ifindex) == removed->end()) continue;
    auto done = remove_link(link);
    if (!done) return done;
  }
  return {};
}

// The lease of a generation that is in force for good; the program goes first,
// by which a lease is known.
Result<void> InstanceDir::drop_lease(const Generation& current) const {
  for (const char* name :
       {kLeaseProgramPin, kLeasePortsPin, kLeaseSlotsPin, kLeasePin}) {
    auto removed = remove_tree(current.path() + "/" + name);
    if (!removed) return removed;
  }
  return {};
}

// A generation later than the one in force has given way to it, or it never
// came into force.
Result<void> InstanceDir::remove_later(std::uint64_t number,
                                       Generation& current) const {
  auto lease = Lease::open(generation_path(number));
  if (!lease) return std::unexpected(lease.error());
  if (*lease && (*lease)->state() == LeaseState::kEnded) {
    auto later = Generation::open(generation_path(number), number);
    if (!later) return std::unexpected(later.error());
    auto done = hand_back(*later, current);
    // The first policy's interfaces keep what passes everything.
    if (done && (*lease)->terms().before == 0) done = adopt_links(number);
    if (done) {
      done = move_pin(generation_path(number) + "/" + kLeasePin,
                      last_lease_path());
    }
    if (!done) return done;
  }
  return remove_generation(number);
}

Result<void> InstanceDir::finish(const Entry& entry,
                                 Generation& current) const {
  auto in_force = lease_in_force(entry);
  if (!in_force) return std::unexpected(in_force.error());
  const bool pending = in_force->has_value();
  auto before = this->before(current.number());
  if (!before) return std::unexpected(before.error());
  Result<void> done;
  if (!pending && *before && !current.sealed()) {
    done = take_over(**before, current);
  }
  auto lease = Lease::open(current.path());
  if (!lease) return std::unexpected(lease.error());
  if (done && *lease && !pending) done = release(**lease);
  const bool first = pending && (*in_force)->terms().before == 0;
  if (done && (!pending || first)) done = adopt_links(current.number());
  if (done && *lease && !pending) done = drop_lease(current);
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  const Generation* kept = *before ? &**before : nullptr;
  for (std::uint64_t number : *numbers) {
    if (!done) return done;
    if (number > current.number()) {
      done = remove_later(number, current);
    } else if (number < current.number() && !is_kept(number, kept, pending)) {
      done = remove_generation(number);
    }
  }
  return done;
}

// Whether a first apply was killed before its commit: its links are adopted
// together, once every interface carries the filter.
bool InstanceDir::was_never_in_force(const Generation& current) const {
  const auto numbers = generations();
  const auto adopted = entries(links_path());
  return numbers && adopted && numbers->size() == 1 && adopted->empty() &&
         exists(staged_path(current.number()));
}

bool InstanceDir::is_settled() const {
  const auto entry = open_entry();
  if (!entry) return false;
  auto lease = lease_in_force(*entry);
  const auto current = this->current(*entry);
  const auto numbers = generations();
  const auto links = this->links();
  if (!lease || !current || !*current || !numbers || !links) return false;
  const bool pending = lease->has_value();
  if (pending && (*lease)->state() != LeaseState::kPending) return false;
  if (links->empty() || numbers->back() != (*current)->number()) return false;
  const bool first = numbers->front() == 0;
  if (pending) {
    return numbers->size() == 2 &&
           !(first && exists(staged_path(numbers->back())));
  }
  return (*current)->sealed() && numbers->size() <= 2 &&
         !(first && numbers->size() == 2) &&
         !exists(staged_path(numbers->back())) &&
         !exists((*current)->path() + "/" + kLeasePin);
}

Result<void> InstanceDir::recover() const {
  if (!exists(path_)) return {};
  auto entry = open_entry();
  const bool incomplete =
      !exists(path_ + "/entry") || !exists(path_ + "/slots");
  if (!entry && !incomplete) return std::unexpected(entry.error());
  if (entry) {
    auto settled = settle_lease(*entry);
    if (!settled) return settled;
    auto generation = current(*entry);
    if (!generation) return std::unexpected(generation.error());
    if (*generation && was_never_in_force(**generation)) return remove();
    auto finished = *generation ? finish(*entry, **generation) : Result<void>{};
    if (!finished) return finished;
    clear_dead_reader(*this);
  }
  auto links = this->links();
  if (!links) return std::unexpected(links.error());
  if (links->empty()) return remove();
  return entry ? Result<void>{} : std::unexpected(entry.error());
}

}  // namespace xdpgate
