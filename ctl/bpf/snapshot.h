// SPDX-License-Identifier: GPL-2.0-only
// Reading a running instance without the lock, beside an apply that may be
// under way.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/generation.h"
#include "bpf/instance_dir.h"
#include "bpf/totals.h"

namespace xdpgate {

/// A generation in force and its totals, read as one.
struct Snapshot {
  Generation generation;
  Totals totals;
  std::uint32_t entry_id = 0;  ///< of the program that interfaces carry
};

/// Error: no generation is in force, or it is replaced faster than it can be
/// read.
[[nodiscard]] Result<Snapshot> snapshot(const InstanceDir& dir);

/// The generation in force, without its totals.
[[nodiscard]] Result<Generation> generation_in_force(const InstanceDir& dir);

/// The instances that run, sorted by name. What a killed tool left is finished
/// or removed first, unless another tool is at work.
[[nodiscard]] Result<std::vector<InstanceDir>> running_instances();

/// The running instance called `name`, or, where that is empty, the only one.
[[nodiscard]] Result<InstanceDir> running_instance(const std::string& name);

}  // namespace xdpgate
