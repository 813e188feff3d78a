// SPDX-License-Identifier: GPL-2.0-only
// Whether an interface can send what XDP redirects to it.
#pragma once

#include <cstdint>
#include <string>

namespace xdpgate {

enum class SendAbility : std::uint8_t {
  kCan,
  kCannot,
  kUnknown,  ///< the kernel does not say (before 6.3)
  kVeth,     ///< it depends on the other end, which cannot be asked
};

/// Of an interface of this network namespace, as it is now: some drivers can
/// only while they carry an XDP program of their own.
[[nodiscard]] SendAbility send_ability(std::uint32_t ifindex,
                                       const std::string& name);

/// In what way it may not, in words that follow "IF: "; empty: it can.
[[nodiscard]] std::string send_limits(SendAbility ability);

}  // namespace xdpgate
