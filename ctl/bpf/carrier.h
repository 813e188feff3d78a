// SPDX-License-Identifier: GPL-2.0-only
// Whose XDP program an interface carries, and how to take it off.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bpf/link.h"

namespace xdpgate {

struct Carrier {
  std::uint32_t program_id = 0;  ///< 0: the interface carries none
  std::string mode = {};         ///< "native", "generic", "offloaded"
  std::string instance = {};     ///< of xdpgate; empty: somebody else's
  std::string program = {};      ///< its name; may be empty
  std::uint32_t link_id = 0;     ///< of the bpf_link; 0: attached without one
  /// "process 12 (xdpdump)": who has the program or its link open.
  std::vector<std::string> holders = {};

  /// "instance `edge` of xdpgate", "XDP program 12 (xdp_pass), held by ...".
  [[nodiscard]] std::string in_words() const;
  /// The command that takes it off `interface`.
  [[nodiscard]] std::string removal(const std::string& interface) const;
};

/// `state` is the directory of the instances; empty: there is none.
[[nodiscard]] Carrier carrier_of(const std::string& state,
                                 std::uint32_t ifindex, const Carried& carried);

}  // namespace xdpgate
