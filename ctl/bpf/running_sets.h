// SPDX-License-Identifier: GPL-2.0-only
// The dynamic sets of a running filter: looked at and changed while packets
// are judged by them. Changes go into the sets of the generation before as well,
// in case that it comes back.
#pragma once

#include <xdpgate/abi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/set_map.h"

namespace xdpgate {

/// Which set of which instance; `instance` may be empty where only one runs.
struct SetName {
  std::string instance;
  std::string set;
};

struct SetStatus {
  std::string name;
  std::uint32_t size = 0;        ///< most elements
  std::uint64_t timeout_ns = 0;  ///< of elements added without one; 0: none
  std::size_t elements = 0;      ///< that have not expired
};

/// All that is known of one set.
struct SetContent {
  std::string instance;
  SetStatus status;
  std::vector<TimedElement> elements;  ///< not expired, in no order
};

/// What a command has done to a set.
struct SetChange {
  std::string instance;
  std::size_t changed = 0;  ///< elements added, removed or loaded
  std::size_t renewed = 0;  ///< that were there and got a new time
  std::size_t removed = 0;  ///< that were there, where nothing was loaded
};

/// The dynamic sets of an instance, in the order of its policy.
[[nodiscard]] Result<std::vector<SetStatus>> running_sets(
    const std::string& instance);

[[nodiscard]] Result<SetContent> read_set(const SetName& name);

/// Puts elements into a set for `timeout_ns` (0: for good; none: as the policy
/// says). An element that is there gets the new time. Error: not all of them
/// fit; then the set keeps what it had.
[[nodiscard]] Result<SetChange> add_to_set(
    const SetName& name, std::span<const xg_element> elements,
    std::optional<std::uint64_t> timeout_ns);

/// Takes elements out. Error: one of them is not in the set; then none is.
[[nodiscard]] Result<SetChange> remove_from_set(
    const SetName& name, std::vector<xg_element> elements);

/// Replaces the content of a set, at once for every packet: a kill at any
/// instant leaves the old content or the new one. Error: more elements than
/// the set's size.
[[nodiscard]] Result<SetChange> load_set(
    const SetName& name, std::vector<xg_element> elements,
    std::optional<std::uint64_t> timeout_ns, const OnProgress& progress = {});

}  // namespace xdpgate
