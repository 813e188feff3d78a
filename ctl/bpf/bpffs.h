// SPDX-License-Identifier: GPL-2.0-only
// The BPF file system: where it is, and pins and directories in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

/// The directory of all instances, /sys/fs/bpf/xdpgate, made (mode 0700) with
/// the file system below it where missing. `ip netns exec` runs commands in a
/// mount namespace of their own, whose /sys lacks it and which ends with them:
/// there it is that of pid 1 (or of the furthest ancestor that may be asked),
/// through a descriptor, so that all see the same pins and pins stay. Error:
/// no privilege, or the directory belongs to somebody else.
[[nodiscard]] Result<std::string> state_directory();

/// What state_directory() would find.
struct StatePlace {
  std::string file_system;  ///< empty: none is mounted where we may look
  /// Of the instances; empty: there is none yet, or only root may know.
  std::string directory;
};

/// Looks, and makes or changes nothing. Error: the directory belongs to
/// somebody else.
[[nodiscard]] Result<StatePlace> look_for_state();

/// A pin's name for `name`: the file system takes no dots, and `@` parts what
/// else the name of a link's pin says.
[[nodiscard]] std::string pin_name(std::string_view name);
/// The name that pin_name() was given.
[[nodiscard]] std::string name_of_pin(std::string_view pin);

[[nodiscard]] Result<void> make_directory(const std::string& path);
[[nodiscard]] Result<void> pin(int fd, const std::string& path);
/// Moves a pin within the file system, at once, over what `to` was.
[[nodiscard]] Result<void> move_pin(const std::string& from,
                                    const std::string& to);
/// The object pinned at `path`.
[[nodiscard]] Result<Fd> open_pin(const std::string& path);
/// The same, or nothing where nothing is pinned. "It is not there" decides
/// what is cleaned up: no other failure may look like it.
[[nodiscard]] Result<std::optional<Fd>> find_pin(const std::string& path);
/// False only where `path` is known not to be there.
[[nodiscard]] bool exists(const std::string& path);
/// Names in a directory, sorted; none where it does not exist.
[[nodiscard]] Result<std::vector<std::string>> entries(
    const std::string& path);
/// Removes a pin, or a directory with all below it; what is gone is fine.
[[nodiscard]] Result<void> remove_tree(const std::string& path);

}  // namespace xdpgate
