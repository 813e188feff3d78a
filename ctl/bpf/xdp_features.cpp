// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/xdp_features.h"

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <memory>

namespace xdpgate {
namespace {

constexpr const char* kFamily = "netdev";
constexpr std::uint8_t kDevGet = 1;  // NETDEV_CMD_DEV_GET
constexpr int kIfindex = 1;          // NETDEV_A_DEV_IFINDEX
constexpr int kXdpFeatures = 3;      // NETDEV_A_DEV_XDP_FEATURES
constexpr int kAttributes = 8;

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

}  // namespace

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

}  // namespace xdpgate
