// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/device_plan.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/fd.h"
#include "bpf/link_info.h"
#include "bpf/send_ability.h"
#include "compile/texts.h"

namespace xdpgate {
namespace {

bool is_promiscuous(const std::string& name) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return socket && ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 &&
         (request.ifr_flags & IFF_PROMISC) != 0;
}

// What XDP_TX puts on a veth's queue is fetched from there only by a receiver
// that runs XDP itself: GRO, which does for a redirect, does not do here.
bool loses_answers(const InterfaceStatus& interface) {
  return interface.mode == "native" &&
         send_ability(interface.ifindex, interface.name) == SendAbility::kVeth;
}

}  // namespace

Result<DevicePlan> DevicePlan::of(const Image& image) {
  DevicePlan plan;
  const std::uint32_t features = image.header().features;
  plan.is_bridge_ = (features & XG_HAS_BRIDGE) != 0;
  plan.rejects_ = (features & XG_HAS_REJECT) != 0;
  if ((features & (XG_HAS_BRIDGE | XG_HAS_REDIRECT)) == 0) return plan;
  const auto texts = ImageTexts::of(ImageView(image));
  if (!texts) return std::unexpected(texts.error());
  for (const std::string& name : texts->devices()) {
    const std::uint32_t ifindex = ::if_nametoindex(name.c_str());
    if (ifindex == 0) {
      return failure({"send to", name, "no such interface here",
                      "see `ip link`; other network namespaces have others"});
    }
    plan.devices_.push_back({name, ifindex});
  }
  auto alike = plan.check_mtus();
  if (!alike) return std::unexpected(alike.error());
  return plan;
}

// What one port takes the other must be able to send.
Result<void> DevicePlan::check_mtus() const {
  if (!is_bridge_ || devices_.size() < 2) return {};
  const auto one = link_info(devices_[0].ifindex);
  const auto other = link_info(devices_[1].ifindex);
  if (!one || !other || one->mtu == other->mtu) return {};
  const auto& [name, ifindex] = devices_[one->mtu < other->mtu ? 1 : 0];
  return failure(
      {"bridge", devices_[0].name + " and " + devices_[1].name,
       fmt::format("their MTUs differ, {} and {}: larger frames would be lost",
                   one->mtu, other->mtu),
       fmt::format("ip link set {} mtu {}", name,
                   std::min(one->mtu, other->mtu))});
}

std::vector<std::uint32_t> DevicePlan::ifindexes() const {
  std::vector<std::uint32_t> result;
  for (const Device& device : devices_) result.push_back(device.ifindex);
  return result;
}

Result<void> DevicePlan::check_one(const Device& device) {
  if (send_ability(device.ifindex, device.name) != SendAbility::kCannot) {
    return {};
  }
  return failure(
      {"send to", device.name, send_limits(SendAbility::kCannot),
       "some can once they carry an XDP program: filter on it too; or take "
       "--mode generic"});
}

Result<void> DevicePlan::check(const std::vector<InterfaceStatus>& interfaces,
                               Mode mode) const {
  const bool native =
      mode == Mode::kNative ||
      std::ranges::find(interfaces, "native", &InterfaceStatus::mode) !=
          interfaces.end();
  if (!native) return {};
  for (const Device& device : devices_) {
    const auto filtered = std::ranges::find(interfaces, device.ifindex,
                                            &InterfaceStatus::ifindex);
    if (filtered != interfaces.end() && filtered->mode.empty()) continue;
    auto checked = check_one(device);
    if (!checked) return checked;
  }
  return {};
}

std::vector<std::string> DevicePlan::device_notes() const {
  std::vector<std::string> result;
  for (const Device& device : devices_) {
    // One that cannot send is refused by check(), where it matters.
    const SendAbility ability = send_ability(device.ifindex, device.name);
    if (ability != SendAbility::kCan && ability != SendAbility::kCannot) {
      result.push_back(device.name + ": " + send_limits(ability));
    }
    if (!is_bridge_ || is_promiscuous(device.name)) continue;
    result.push_back(fmt::format(
        "{0}: a card drops frames to other hosts' addresses unless it is "
        "promiscuous (`ip link set {0} promisc on`)",
        device.name));
  }
  return result;
}

std::vector<std::string> DevicePlan::notes(
    const std::vector<InterfaceStatus>& interfaces) const {
  std::vector<std::string> result = device_notes();
  for (const InterfaceStatus& interface : interfaces) {
    if (!rejects_ || !loses_answers(interface)) continue;
    result.push_back(fmt::format(
        "{}: a veth delivers the answers of `reject` only where its other end "
        "has an XDP program, any (GRO is not enough); or take --mode generic",
        interface.name));
  }
  return result;
}

}  // namespace xdpgate
