// SPDX-License-Identifier: GPL-2.0-only
// What the driver of an interface says that it can do for XDP.
#pragma once

#include <cstdint>
#include <optional>

namespace xdpgate {

// Bits of the generic netlink family "netdev" (NETDEV_XDP_ACT_... of
// linux/netdev.h, which Debian 12's headers are too old to have).
constexpr std::uint64_t kXdpBasic = 1 << 0;  ///< pass, drop, send back
constexpr std::uint64_t kXdpXmit = 1 << 2;   ///< sends what is redirected to it
constexpr std::uint64_t kXdpBuffers = 1 << 5;  ///< frames in several buffers

/// Those bits of an interface of this network namespace, as it is now: some
/// drivers can more while they carry a program. Nothing where the kernel does
/// not tell (before 6.3).
[[nodiscard]] std::optional<std::uint64_t> xdp_features(std::uint32_t ifindex);

}  // namespace xdpgate
