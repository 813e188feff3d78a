// SPDX-License-Identifier: GPL-2.0-only
// What there is to tell of a policy that waits to be confirmed, or has waited.
#include <utility>

#include "base/clock.h"
#include "bpf/bpffs.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/lease.h"
#include "bpf/snapshot.h"

namespace xdpgate {
namespace {

std::uint64_t since(std::uint64_t from, std::uint64_t to) {
  return to > from ? to - from : 0;
}

LeaseStatus status_of(Lease& lease) {
  using enum LeaseStatus::State;
  const bool ended = lease.state() == LeaseState::kEnded;
  const xg_lease terms = lease.terms();
  const std::uint64_t now = boottime_ns();
  LeaseStatus status;
  status.generation = terms.next;
  status.before = terms.before;
  status.length_ns = terms.length_ns;
  if (!ended) {
    status.ns = since(now, terms.due_ns);
  } else if (terms.rolled_back) {
    status.state = kRolledBack;
    status.ns = since(terms.ended_ns, now);
  } else {
    status.state = kExpired;
    status.ns = since(terms.due_ns, now);
  }
  return status;
}

}  // namespace

Result<std::optional<LeaseStatus>> InstanceDir::lease_status(
    const Entry& entry) const {
  auto lease = lease_in_force(entry);
  if (lease && !*lease) lease = Lease::open_record(last_lease_path());
  if (!lease) return std::unexpected(lease.error());
  // A confirmed one is nothing to speak of.
  if (!*lease || (*lease)->state() == LeaseState::kConfirmed) {
    return std::nullopt;
  }
  return status_of(**lease);
}

Result<void> InstanceDir::forget_last_lease() const {
  return remove_tree(last_lease_path());
}

Result<std::optional<LeaseStatus>> lease_status(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto entry = dir->open_entry();
  if (!entry) return std::unexpected(entry.error());
  return dir->lease_status(*entry);
}

}  // namespace xdpgate
