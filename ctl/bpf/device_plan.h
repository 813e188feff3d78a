// SPDX-License-Identifier: GPL-2.0-only
// The interfaces that packets of a policy leave by: those that rules redirect
// to, the ports of a bridge, and, for the answers of `reject`, those it is on.
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
  /// What the user should know of them and, where rules reject, of those of
  /// `interfaces` that carry the filter; one line each.
  [[nodiscard]] std::vector<std::string> notes(
      const std::vector<InterfaceStatus>& interfaces) const;

 private:
  [[nodiscard]] Result<void> check_mtus() const;
  struct Device {
    std::string name;
    std::uint32_t ifindex = 0;
  };

  [[nodiscard]] static Result<void> check_one(const Device& device);
  [[nodiscard]] std::vector<std::string> device_notes() const;

  std::vector<Device> devices_;
  bool is_bridge_ = false;
  bool rejects_ = false;
};

}  // namespace xdpgate
