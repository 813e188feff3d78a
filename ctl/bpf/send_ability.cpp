// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/send_ability.h"

#include "bpf/ethtool.h"
#include "bpf/xdp_features.h"

namespace xdpgate {

SendAbility send_ability(std::uint32_t ifindex, const std::string& name) {
  if (driver_of(name).name == "veth") return SendAbility::kVeth;
  const auto features = xdp_features(ifindex);
  if (!features) return SendAbility::kUnknown;
  return *features & kXdpXmit ? SendAbility::kCan : SendAbility::kCannot;
}

std::string send_limits(SendAbility ability) {
  switch (ability) {
    case SendAbility::kVeth:
      return "a veth delivers what is redirected to it only where its other "
             "end has an XDP program or GRO (`ethtool -K PEER gro on`)";
    case SendAbility::kUnknown:
      return "this kernel cannot say whether it sends what is redirected to "
             "it (Linux 6.3 can)";
    case SendAbility::kCannot:
      return "its driver cannot send what native XDP redirects to it";
    case SendAbility::kCan:
      break;
  }
  return "";
}

}  // namespace xdpgate
