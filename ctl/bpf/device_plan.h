// SPDX-License-Identifier: GPL-2.0-only
// The interfaces that packets of a policy leave by: those that rules redirect
// to, and the ports of a bridge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/instance.h"
#include "compile/image.h"

namespace xdpgate {

/// The devices of one apply; a value.
class DevicePlan {
 public:
  /// Looks them up in this network namespace. Error: one is not there.
  [[nodiscard]] static Result<DevicePlan> of(const Image& image);

  /// By slot of the map `devices`.
  [[nodiscard]] std::vector<std::uint32_t> ifindexes() const;

  /// Error: the filter runs, or will run, in native mode on one of
  /// `interfaces`, and a device cannot send what is redirected from there. One
  /// that is itself in `interfaces` and has no mode yet is left out: it may be
  /// able to once it carries the filter.
  [[nodiscard]] Result<void> check(
      const std::vector<InterfaceStatus>& interfaces, Mode mode) const;
  /// What the user should know of them, one line each.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  struct Device {
    std::string name;
    std::uint32_t ifindex = 0;
  };

  [[nodiscard]] static Result<void> check_one(const Device& device);

  std::vector<Device> devices_;
  bool is_bridge_ = false;
};

}  // namespace xdpgate
