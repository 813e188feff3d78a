// SPDX-License-Identifier: GPL-2.0-only
// What the kernel says of an interface of this network namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace xdpgate {

struct LinkInfo {
  std::string name = {};
  std::uint32_t ifindex = 0;
  bool up = false;
  bool loopback = false;
  std::uint32_t mtu = 0;   ///< bytes behind the Ethernet header
  std::string kind = {};   ///< "veth", "bridge"; empty: a card
  std::uint32_t peer = 0;  ///< the other end of a veth; 0: elsewhere, or none
};

/// Nothing where there is no such interface.
[[nodiscard]] std::optional<LinkInfo> link_info(std::uint32_t ifindex);

}  // namespace xdpgate
