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

namespace xdpgate {

/// A pinned link, by what its pin is called: "IFNAME@NETNS".
struct PinnedLink {
  std::string path;
  std::string interface;
  std::uint64_t netns = 0;
  std::uint32_t ifindex = 0;  ///< 0: the interface is gone
};

/// The directory of an instance; a value, nothing is held open.
class InstanceDir {
 public:
  InstanceDir(const std::string& state_directory, const std::string& instance);

  [[nodiscard]] const std::string& instance() const { return instance_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string generation_path(std::uint64_t number) const;
  [[nodiscard]] std::string link_path(const std::string& interface) const;

  /// Numbers of the generations whose directories exist, in rising order.
  [[nodiscard]] std::vector<std::uint64_t> generations() const;
  [[nodiscard]] std::vector<PinnedLink> links() const;
  /// Opens the entry program and its slots.
  [[nodiscard]] Result<Entry> open_entry() const;
  /// Makes the directory with a new entry and no generation in force.
  [[nodiscard]] Result<Entry> create() const;
  /// The generation whose program is in force; none before the first.
  [[nodiscard]] Result<std::optional<Generation>> current(
      const Entry& entry) const;

  /// Under the lock: finishes or undoes what a killed predecessor began. An
  /// instance that never came into force is removed.
  [[nodiscard]] Result<void> recover() const;
  /// Detaches all links, then removes every pin.
  [[nodiscard]] Result<void> remove() const;

 private:
  [[nodiscard]] Result<void> drop_other_generations(Generation& current) const;

  std::string instance_;
  std::string path_;
};

/// Names of the instances in the state directory, sorted.
[[nodiscard]] std::vector<std::string> instance_names(
    const std::string& state_directory);

/// Takes a link off its interface and unpins it.
[[nodiscard]] Result<void> remove_link(const PinnedLink& link);

}  // namespace xdpgate
