// SPDX-License-Identifier: GPL-2.0-only
// The filter on an interface: a bpf_link, and what the interface says of the
// XDP program it carries.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "policy/policy.h"

namespace xdpgate {

/// What an interface of this network namespace carries.
struct Carried {
  std::uint32_t program_id = 0;  ///< 0: nothing
  std::string mode;              ///< "native", "generic", "offloaded"
};

/// Error: no such interface, or it cannot be asked.
[[nodiscard]] Result<Carried> carried_by(std::uint32_t ifindex,
                                         const std::string& name);

/// A link not pinned yet: it goes with its descriptor.
struct NewLink {
  Fd fd;
  std::string mode;  ///< "native", "generic"
  int refused = 0;   ///< errno of native mode's refusal, under Mode::kAuto
  Mode asked = Mode::kAuto;  ///< for which mode it was made
  int alone = 0;  ///< errno of the dispatcher's refusal, where it was wanted
};

/// Attaches the program to an interface that carries none.
[[nodiscard]] Result<NewLink> attach(int program_fd, std::uint32_t ifindex,
                                     const std::string& name, Mode mode);

/// What an errno of a driver's refusal of native mode mostly means.
[[nodiscard]] std::string native_refusal(int error);

/// The ifindex behind a link; 0 where the interface is gone.
[[nodiscard]] Result<std::uint32_t> link_ifindex(int link_fd);

/// The name of a program, for messages; empty where it is gone.
[[nodiscard]] std::string program_name(std::uint32_t program_id);

/// The number that stands for this network namespace (its inode).
[[nodiscard]] std::uint64_t this_netns();

}  // namespace xdpgate
