// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/system_test.h"

#include <net/if.h>

#include "tests/support/privilege.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {

void SystemTest::SetUp() {
  XG_NEED_BPF();
  if (!may_enter_sandbox()) {
    GTEST_SKIP() << "needs CAP_SYS_ADMIN for namespaces of its own";
  }
  enter_sandbox();
  add_veth("v0", "v1");
}

void SystemTest::send(const std::string& interface, const Bytes& frame,
                      int count) {
  test::send(socket_on(interface), frame, count);
}

PacketSocket& SystemTest::socket_on(const std::string& interface) {
  const std::uint32_t ifindex = ::if_nametoindex(interface.c_str());
  return sockets_.try_emplace(ifindex, interface).first->second;
}

}  // namespace xdpgate::test
