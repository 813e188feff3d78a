// SPDX-License-Identifier: GPL-2.0-only
// The boxes of a whole policy, for each kind of packet, with the services and
// address tables they refer to.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "compile/address_tables.h"
#include "compile/compile.h"
#include "compile/service_table.h"
#include "compile/tree.h"

namespace xdpgate {

/// What expand() makes of a policy.
struct Expansion {
  std::array<std::vector<Box>, XG_KINDS> boxes;  ///< sorted by rule
  ServiceTable services;
  AddressTables addresses;
  std::uint32_t features = 0;  ///< XG_HAS_...
};

/// Expands every rule into boxes. Two passes: the first finds the address sets
/// and IPv6 prefixes in use, the second the boxes with their bits and codes.
/// Error: a rule that does not fit, named, with the limit it meets.
[[nodiscard]] Result<Expansion> expand(const Policy& policy,
                                       const CompileOptions& options);

}  // namespace xdpgate
