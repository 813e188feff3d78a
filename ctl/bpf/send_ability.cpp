// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/send_ability.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <optional>

#include "base/fd.h"

namespace xdpgate {
namespace {

// The generic netlink family "netdev" of linux/netdev.h, which Debian 12's
// headers are too old to have.
constexpr const char* kFamily = "netdev";
constexpr std::uint8_t kDevGet = 1;         // NETDEV_CMD_DEV_GET
constexpr int kIfindex = 1;                 // NETDEV_A_DEV_IFINDEX
constexpr int kXdpFeatures = 3;             // NETDEV_A_DEV_XDP_FEATURES
constexpr int kAttributes = 8;
constexpr std::uint64_t kNdoXmit = 1 << 2;  // NETDEV_XDP_ACT_NDO_XMIT

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};
using Features = std::optional<std::uint64_t>;

int read_features(nl_msg* message, void* result) {
  nlattr* attributes[kAttributes + 1];
  if (genlmsg_parse(nlmsg_hdr(message), 0, attributes, kAttributes, nullptr) ==
          0 &&
      attributes[kXdpFeatures] != nullptr) {
    *static_cast<Features*>(result) = nla_get_u64(attributes[kXdpFeatures]);
  }
  return NL_OK;
}

// NETDEV_XDP_ACT_...; nothing where the kernel does not tell.
Features xdp_features(std::uint32_t ifindex) {
  Features features;
  const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  if (!socket || genl_connect(socket.get()) != 0) return features;
  const int family = genl_ctrl_resolve(socket.get(), kFamily);
  const std::unique_ptr<nl_msg, FreeMessage> message(nlmsg_alloc());
  if (family < 0 || !message) return features;
  genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, kDevGet,
              1);
  nla_put_u32(message.get(), kIfindex, ifindex);
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, read_features,
                      &features);
  if (nl_send_auto(socket.get(), message.get()) < 0) return features;
  (void)nl_recvmsgs_default(socket.get());
  return features;
}

bool is_veth(const std::string& name) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&info);
  return socket && ::ioctl(socket.get(), SIOCETHTOOL, &request) == 0 &&
         std::strcmp(info.driver, "veth") == 0;
}

}  // namespace

SendAbility send_ability(std::uint32_t ifindex, const std::string& name) {
  if (is_veth(name)) return SendAbility::kVeth;
  const Features features = xdp_features(ifindex);
  if (!features) return SendAbility::kUnknown;
  return *features & kNdoXmit ? SendAbility::kCan : SendAbility::kCannot;
}

}  // namespace xdpgate
