// SPDX-License-Identifier: GPL-2.0-only
// What ethtool(8) says of an interface of this network namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace xdpgate {

/// Empty where the interface has none (loopback), or is not there.
struct Driver {
  std::string name;     ///< "virtio_net"
  std::string version;  ///< its own, or the kernel's
  std::string bus;      ///< "0000:00:03.0"
};
[[nodiscard]] Driver driver_of(const std::string& interface);

/// An offload of the card.
struct Offload {
  bool on = false;
  bool fixed = false;  ///< cannot be changed
};
struct Offloads {
  Offload lro;     ///< joins segments of a connection
  Offload gro_hw;  ///< the same, so that they can be parted again
  Offload rxvlan;  ///< takes the outermost VLAN tag off
  Offload txvlan;  ///< puts it on: what is sent has it beside the frame
};
/// All off where the interface cannot be asked.
[[nodiscard]] Offloads offloads_of(const std::string& interface);

/// Queues, as `ethtool -l` counts them.
struct Channels {
  std::uint32_t rx = 0, tx = 0, combined = 0;
  std::uint32_t max_rx = 0, max_tx = 0, max_combined = 0;

  [[nodiscard]] std::uint32_t receiving() const { return rx + combined; }
  [[nodiscard]] std::uint32_t sending() const { return tx + combined; }
};
/// Nothing where the driver does not tell.
[[nodiscard]] std::optional<Channels> channels_of(const std::string& interface);

}  // namespace xdpgate
