// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/link_info.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <memory>

namespace xdpgate {
namespace {

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};

std::string text_of(const nlattr* attribute) {
  return attribute ? nla_get_string(attribute) : "";
}

std::string kind_of(nlattr* link_info) {
  nlattr* nested[IFLA_INFO_MAX + 1] = {};
  if (!link_info ||
      nla_parse_nested(nested, IFLA_INFO_MAX, link_info, nullptr) != 0) {
    return "";
  }
  return text_of(nested[IFLA_INFO_KIND]);
}

int read_link(nl_msg* message, void* result) {
  nlmsghdr* header = nlmsg_hdr(message);
  nlattr* attributes[IFLA_MAX + 1] = {};
  if (header->nlmsg_type != RTM_NEWLINK ||
      nlmsg_parse(header, sizeof(ifinfomsg), attributes, IFLA_MAX, nullptr) !=
          0) {
    return NL_OK;
  }
  const auto* link = static_cast<const ifinfomsg*>(nlmsg_data(header));
  LinkInfo info;
  info.name = text_of(attributes[IFLA_IFNAME]);
  info.ifindex = static_cast<std::uint32_t>(link->ifi_index);
  info.up = (link->ifi_flags & IFF_UP) != 0;
  info.loopback = (link->ifi_flags & IFF_LOOPBACK) != 0;
  if (attributes[IFLA_MTU]) info.mtu = nla_get_u32(attributes[IFLA_MTU]);
  info.kind = kind_of(attributes[IFLA_LINKINFO]);
  if (info.kind == "veth" && attributes[IFLA_LINK] &&
      !attributes[IFLA_LINK_NETNSID]) {
    info.peer = nla_get_u32(attributes[IFLA_LINK]);
  }
  *static_cast<std::optional<LinkInfo>*>(result) = std::move(info);
  return NL_OK;
}

}  // namespace

std::optional<LinkInfo> link_info(std::uint32_t ifindex) {
  std::optional<LinkInfo> info;
  const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  const std::unique_ptr<nl_msg, FreeMessage> message(
      nlmsg_alloc_simple(RTM_GETLINK, 0));
  if (!socket || !message || nl_connect(socket.get(), NETLINK_ROUTE) != 0) {
    return info;
  }
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(ifindex);
  nlmsg_append(message.get(), &link, sizeof(link), NLMSG_ALIGNTO);
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, read_link,
                      &info);
  if (nl_send_auto(socket.get(), message.get()) < 0) return info;
  (void)nl_recvmsgs_default(socket.get());
  return info;
}

}  // namespace xdpgate
