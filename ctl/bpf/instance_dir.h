// SPDX-License-Identifier: GPL-2.0-only
// One instance's directory of pins: what it holds, and making it whole after a
// predecessor was killed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/dispatcher.h"
#include "bpf/entry.h"
#include "bpf/generation.h"
#include "bpf/instance.h"
#include "bpf/lease.h"
#include "bpf/link.h"
#include "policy/policy.h"

namespace xdpgate {

/// What carries the filter on an interface, by what its pin is called:
/// "IFNAME@NETNS", with "@ERRNO" behind it where native mode was refused,
/// "@native" or "@generic" where that mode was asked for. The pin is a bpf_link;
/// or, where the name says "@prio-N@if-IFINDEX", the entry program, and libxdp's
/// dispatcher calls another of the same slots. "@alone-ERRNO": it was to be so,
/// and the kernel refused.
struct PinnedLink {
  std::string path;
  std::string interface;
  std::uint64_t netns = 0;
  int refused = 0;            ///< 0: native, or generic as asked for
  Mode asked = Mode::kAuto;
  std::optional<unsigned> priority = {};  ///< behind a dispatcher
  int alone = 0;  ///< errno of the dispatcher's refusal
  std::uint32_t ifindex = 0;  ///< 0: the interface is gone
};

/// The directory of an instance; a value, nothing is held open.
class InstanceDir {
 public:
  InstanceDir(const std::string& state_directory, const std::string& instance);

  [[nodiscard]] const std::string& instance() const { return instance_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string generation_path(std::uint64_t number) const;

  /// Numbers of the generations whose directories exist, in rising order.
  [[nodiscard]] Result<std::vector<std::uint64_t>> generations() const;
  [[nodiscard]] Result<std::vector<PinnedLink>> links() const;
  /// Opens the entry program and what goes with it.
  [[nodiscard]] Result<Entry> open_entry() const;
  /// Keeps the interfaces' totals, where an older version has not.
  [[nodiscard]] Result<void> pin_ports(const Entry& entry) const;
  /// Makes the directory, with `entry` and no generation in force.
  [[nodiscard]] Result<void> create(const Entry& entry) const;
  /// The lease whose program is in force: pending, or over and not yet noticed;
  /// none where a generation's own program is.
  [[nodiscard]] Result<std::optional<Lease>> lease_in_force(
      const Entry& entry) const;
  /// The id of the generation's program that judges packets, by itself or by
  /// way of a lease; 0: none.
  [[nodiscard]] Result<std::uint32_t> judging(const Entry& entry) const;
  /// The generation whose program that is; none before the first.
  [[nodiscard]] Result<std::optional<Generation>> current(
      const Entry& entry) const;
  /// The newest generation older than `generation`; none where none is kept.
  [[nodiscard]] Result<std::optional<Generation>> before(
      std::uint64_t generation) const;
  /// The lease that is to be told of: the one in force, or how the last one
  /// ended, until the next policy is applied; none where there was none.
  [[nodiscard]] Result<std::optional<LeaseStatus>> lease_status(
      const Entry& entry) const;
  [[nodiscard]] Result<void> forget_last_lease() const;

  /// Before the entry program goes behind a dispatcher: pins that it is to be
  /// taken off there, like a link.
  [[nodiscard]] Result<void> stage_behind(std::uint64_t generation,
                                          const Entry& entry,
                                          const BehindOptions& options) const;
  /// Pins a link to `interface` of this network namespace in the directory of
  /// a generation: it stands and falls with it until adopt_links().
  [[nodiscard]] Result<void> stage_link(std::uint64_t generation,
                                        const std::string& interface,
                                        const NewLink& link) const;
  /// Moves the links staged in a generation that is in force to where
  /// links() finds them.
  [[nodiscard]] Result<void> adopt_links(std::uint64_t generation) const;
  /// The same at once for all, where none was adopted before.
  [[nodiscard]] Result<void> adopt_first_links(std::uint64_t generation) const;
  /// Takes the links staged in a generation off their interfaces.
  [[nodiscard]] Result<void> drop_staged_links(std::uint64_t generation) const;
  /// Removes all generations older than `generation`, which no packet runs.
  [[nodiscard]] Result<void> remove_before(std::uint64_t generation) const;
  /// Removes a generation that no packet runs, with the links staged in it.
  [[nodiscard]] Result<void> remove_generation(std::uint64_t generation) const;

  /// Whether nothing is left over from a tool that was killed. A look without
  /// the lock: an apply that is under way looks the same.
  [[nodiscard]] bool is_settled() const;
  /// Under the lock: finishes or undoes what a killed predecessor began. An
  /// instance that is attached nowhere is removed.
  [[nodiscard]] Result<void> recover() const;
  /// Detaches all links, then removes every pin.
  [[nodiscard]] Result<void> remove() const;

 private:
  [[nodiscard]] std::string links_path() const { return path_ + "/links"; }
  [[nodiscard]] std::string staged_path(std::uint64_t generation) const;
  [[nodiscard]] std::string last_lease_path() const {
    return path_ + "/last-lease";
  }
  [[nodiscard]] Result<std::optional<Lease>> lease_with(
      std::uint32_t program) const;
  [[nodiscard]] Result<void> settle_lease(const Entry& entry) const;
  [[nodiscard]] bool was_never_in_force(const Generation& current) const;
  [[nodiscard]] Result<void> finish(const Entry& entry,
                                    Generation& current) const;
  [[nodiscard]] Result<void> release(const Lease& lease) const;
  [[nodiscard]] Result<void> drop_lease(const Generation& current) const;
  [[nodiscard]] Result<void> remove_later(std::uint64_t number,
                                          Generation& current) const;

  std::string instance_;
  std::string path_;
};

/// Names of the instances in the state directory, sorted.
[[nodiscard]] Result<std::vector<std::string>> instance_names(
    const std::string& state_directory);

/// Takes a link off its interface and unpins it.
[[nodiscard]] Result<void> remove_link(const PinnedLink& link);

}  // namespace xdpgate
