// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/lease.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "bpf/bpffs.h"
#include "bpf/entry.h"
#include "bpf/entry_skeleton.h"
#include "bpf/load_error.h"
#include "lease.skel.h"

namespace xdpgate {
namespace {

struct Destroy {
  void operator()(lease* skeleton) const { lease__destroy(skeleton); }
};
using Skeleton = std::unique_ptr<lease, Destroy>;

Result<Skeleton> load(std::size_t ports) {
  libbpf_set_print(nullptr);  // what it would print is in the Error
  Skeleton skeleton(lease__open());
  if (!skeleton) {
    return failure(system_error("open", "the embedded program", errno));
  }
  bpf_map__set_max_entries(
      skeleton->maps.lease_ports,
      static_cast<std::uint32_t>(std::max<std::size_t>(ports, 1)));
  set_attach_type(skeleton->progs.xg_lease_run);
  if (int error = lease__load(skeleton.get())) {
    return failure(load_error(-error, skeleton->obj, "the lease's program"));
  }
  return skeleton;
}

Result<void> put(int map_fd, std::uint32_t key, const void* value) {
  if (bpf_map_update_elem(map_fd, &key, value, BPF_ANY) == 0) return {};
  return failure(system_error("fill", "the lease's maps", errno));
}

Result<void> fill(const lease& skeleton, const LeaseTerms& terms) {
  const int slots = bpf_map__fd(skeleton.maps.lease_slots);
  const int ports = bpf_map__fd(skeleton.maps.lease_ports);
  const int next = terms.next->program_fd();
  const int before = terms.before->program_fd();
  auto done = put(slots, XG_LEASE_NEXT, &next);
  if (done) done = put(slots, XG_LEASE_BEFORE, &before);
  for (auto [ifindexes, only] :
       {std::pair(&terms.added, XG_LEASE_NEXT),
        std::pair(&terms.removed, XG_LEASE_BEFORE)}) {
    for (std::uint32_t ifindex : *ifindexes) {
      if (done) done = put(ports, ifindex, &only);
    }
  }
  return done;
}

Result<xg_lease> terms_of(const Generation& next, const Generation& before) {
  auto next_id = program_id(next.program_fd());
  if (!next_id) return std::unexpected(next_id.error());
  auto before_id = program_id(before.program_fd());
  if (!before_id) return std::unexpected(before_id.error());
  xg_lease terms{};
  terms.next = next.number();
  terms.before = before.number();
  terms.next_id = *next_id;
  terms.before_id = *before_id;
  return terms;
}

}  // namespace

Result<void> Lease::map(int fd) {
  mapping_ = Mapping::of(fd, sizeof(xg_lease), PROT_READ | PROT_WRITE);
  if (mapping_) return {};
  return failure(system_error("map", "the lease", errno));
}

Result<Lease> Lease::create(const LeaseTerms& terms) {
  auto skeleton = load(terms.added.size() + terms.removed.size());
  if (!skeleton) return std::unexpected(skeleton.error());
  auto first = terms_of(*terms.next, *terms.before);
  if (!first) return std::unexpected(first.error());
  first->length_ns = terms.length_ns;
  Lease made;
  auto done = fill(**skeleton, terms);
  if (done) done = made.map(bpf_map__fd((*skeleton)->maps.data_lease));
  if (!done) return std::unexpected(done.error());
  *made.data() = *first;
  const auto& maps = (*skeleton)->maps;
  // The program last: without it there is no lease to be seen.
  for (auto [name, fd] :
       {std::pair(kLeasePin, bpf_map__fd(maps.data_lease)),
        std::pair(kLeaseSlotsPin, bpf_map__fd(maps.lease_slots)),
        std::pair(kLeasePortsPin, bpf_map__fd(maps.lease_ports)),
        std::pair(kLeaseProgramPin,
                  bpf_program__fd((*skeleton)->progs.xg_lease_run))}) {
    done = pin(fd, terms.next->path() + "/" + name);
    if (!done) return std::unexpected(done.error());
  }
  auto opened = open(terms.next->path());
  if (!opened) return std::unexpected(opened.error());
  return std::move(**opened);
}

Result<Lease> Lease::create_record(const Generation& next,
                                   const Generation& before) {
  auto terms = terms_of(next, before);
  if (!terms) return std::unexpected(terms.error());
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.map_flags = BPF_F_MMAPABLE;
  const Fd fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "xg_lease",
                             sizeof(std::uint32_t), sizeof(xg_lease), 1,
                             &options));
  if (!fd) return failure(system_error("make", "the lease", errno));
  Lease made;
  auto done = made.map(fd.get());
  if (!done) return std::unexpected(done.error());
  *made.data() = *terms;
  done = pin(fd.get(), next.path() + "/" + kLeasePin);
  if (!done) return std::unexpected(done.error());
  return made;
}

Result<std::optional<Lease>> Lease::open_record(const std::string& path) {
  auto fd = find_pin(path);
  if (!fd) return std::unexpected(fd.error());
  if (!*fd) return std::nullopt;
  Lease opened;
  auto mapped = opened.map((*fd)->get());
  if (!mapped) return std::unexpected(mapped.error());
  return std::optional(std::move(opened));
}

Result<std::optional<Lease>> Lease::open(const std::string& directory) {
  auto opened = open_record(directory + "/" + kLeasePin);
  if (!opened || !*opened) return opened;
  for (auto [name, fd] : {std::pair(kLeaseProgramPin, &(*opened)->program_),
                          std::pair(kLeasePortsPin, &(*opened)->ports_)}) {
    auto found = find_pin(directory + "/" + name);
    if (!found) return std::unexpected(found.error());
    if (*found) *fd = std::move(**found);
  }
  if (!(*opened)->program_) return opened;
  auto id = program_id((*opened)->program_.get());
  if (!id) return std::unexpected(id.error());
  (*opened)->id_ = *id;
  return opened;
}

Result<std::vector<std::uint32_t>> Lease::removed() const {
  std::vector<std::uint32_t> result;
  if (!ports_) return result;
  std::uint32_t key = 0, only = 0;
  for (const std::uint32_t* last = nullptr;
       bpf_map_get_next_key(ports_.get(), last, &key) == 0; last = &key) {
    if (bpf_map_lookup_elem(ports_.get(), &key, &only) == 0 &&
        only == XG_LEASE_BEFORE) {
      result.push_back(key);
    }
  }
  if (errno == ENOENT) return result;
  return failure(system_error("read", "the lease's maps", errno));
}

bool Lease::change(std::uint64_t from, std::uint64_t to) {
  __u64 expected = from;
  return std::atomic_ref(data()->until_ns)
      .compare_exchange_strong(expected, to);
}

LeaseState Lease::state() {
  const xg_lease now = terms();
  if (now.due_ns == 0) return LeaseState::kNotBegun;
  const std::uint64_t until = std::atomic_ref(data()->until_ns).load();
  if (until == XG_LEASE_CONFIRMED) return LeaseState::kConfirmed;
  if (until == XG_LEASE_ENDED) return LeaseState::kEnded;
  if (boottime_ns() < until) return LeaseState::kPending;
  return change(until, XG_LEASE_ENDED) ? LeaseState::kEnded : state();
}

// Of the two the kernel looks at until_ns only, the tool at due_ns first.
void Lease::begin() {
  const std::uint64_t due = boottime_ns() + data()->length_ns;
  std::atomic_ref(data()->until_ns).store(due);
  std::atomic_ref(data()->due_ns).store(due);
}

bool Lease::confirm() {
  if (state() != LeaseState::kPending) return false;
  return change(data()->due_ns, XG_LEASE_CONFIRMED);
}

void Lease::roll_back() {
  xg_lease* lease = data();
  if (state() == LeaseState::kEnded) return;
  lease->ended_ns = boottime_ns();
  if (lease->due_ns == 0) lease->due_ns = lease->ended_ns;
  lease->rolled_back = 1;
  std::atomic_ref(lease->until_ns).store(XG_LEASE_ENDED);
}

}  // namespace xdpgate
