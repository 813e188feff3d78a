// SPDX-License-Identifier: GPL-2.0-only
// One instance's directory of pins: what it holds, and making it whole after a
// predecessor was killed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/entry.h"
#include "bpf/generation.h"
#include "bpf/link.h"
#include "policy/policy.h"

namespace xdpgate {

/// A pinned link, by what its pin is called: "IFNAME@NETNS", with "@ERRNO" behind
/// it where native mode was refused, "@native" or "@generic" where that mode was
/// asked for.
struct PinnedLink {
  std::string path;
  std::string interface;
  std::uint64_t netns = 0;
  int refused = 0;            ///< 0: native, or generic as asked for
  Mode asked = Mode::kAuto;
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
  /// Makes the directory, with `entry` and no generation in force.
  [[nodiscard]] Result<void> create(const Entry& entry) const;
  /// The generation whose program is in force; none before the first.
  [[nodiscard]] Result<std::optional<Generation>> current(
      const Entry& entry) const;

  /// Pins a link to `interface` of this network namespace in the directory of
  /// a generation: it stands and falls with it until adopt_links().
  [[nodiscard]] Result<void> stage_link(std::uint64_t generation,
                                        const std::string& interface,
                                        const NewLink& link) const;
  /// Moves the links staged in a generation that is in force to where
  /// links() finds them.
  [[nodiscard]] Result<void> adopt_links(std::uint64_t generation) const;
  /// Takes the links staged in a generation off their interfaces.
  [[nodiscard]] Result<void> drop_staged_links(std::uint64_t generation) const;
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
  [[nodiscard]] Result<void> finish(Generation& current) const;

  std::string instance_;
  std::string path_;
};

/// Names of the instances in the state directory, sorted.
[[nodiscard]] Result<std::vector<std::string>> instance_names(
    const std::string& state_directory);

/// Takes a link off its interface and unpins it.
[[nodiscard]] Result<void> remove_link(const PinnedLink& link);

}  // namespace xdpgate
