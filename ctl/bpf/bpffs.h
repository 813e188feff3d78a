// SPDX-License-Identifier: GPL-2.0-only
// The BPF file system: where it is, and pins and directories in it.
#pragma once

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
/// through a descriptor, so that all see the same pins and pins stay.
[[nodiscard]] Result<std::string> state_directory();

/// A pin's name for `name`: the file system takes no dots.
[[nodiscard]] std::string pin_name(std::string_view name);
/// The name that pin_name() was given.
[[nodiscard]] std::string name_of_pin(std::string_view pin);

[[nodiscard]] Result<void> make_directory(const std::string& path);
[[nodiscard]] Result<void> pin(int fd, const std::string& path);
/// The object pinned at `path`.
[[nodiscard]] Result<Fd> open_pin(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);
/// Names in a directory, sorted; none where it does not exist.
[[nodiscard]] std::vector<std::string> entries(const std::string& path);
/// Removes a pin, or a directory with all below it; what is gone is fine.
[[nodiscard]] Result<void> remove_tree(const std::string& path);

}  // namespace xdpgate
