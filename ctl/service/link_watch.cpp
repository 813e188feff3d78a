// SPDX-License-Identifier: GPL-2.0-only
#include "service/link_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

namespace xdpgate {

Result<LinkWatch> LinkWatch::create() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                 NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (fd && ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)) == 0) {
    return LinkWatch(std::move(fd));
  }
  return failure(system_error("watch", "the interfaces", errno));
}

// What the events say does not matter: the interfaces are looked at afterwards.
// Also where so many came that some were lost (ENOBUFS).
bool LinkWatch::drain() const {
  char buffer[16 * 1024];
  bool any = false;
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got <= 0 && errno != ENOBUFS) return any;
    any = true;
  }
}

}  // namespace xdpgate
