// SPDX-License-Identifier: GPL-2.0-only
// Packets that leave by another interface: `redirect`, and `bridge` between
// two hosts that know nothing of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "bpf/xdp_features.h"
#include "tests/support/host.h"
#include "tests/support/running.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

std::string bridge_policy(const std::string& rules) {
  return fmt::format("version: 1\nname: {}\nbridge: [p0, p1]\nrules:\n{}",
                     instance_name(), rules);
}

// Left on p0, right on p1; the filter between them.
class BridgeTest : public SystemTest, public testing::WithParamInterface<Mode> {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped()) return;
    left_.emplace("p0", "l0");
    right_.emplace("p1", "r0");
    left_->ip({"addr", "add", "192.0.2.1/24", "dev", "l0"});
    left_->ip({"addr", "add", "2001:db8::1/64", "dev", "l0", "nodad"});
    right_->ip({"addr", "add", "192.0.2.2/24", "dev", "r0"});
    right_->ip({"addr", "add", "2001:db8::2/64", "dev", "r0", "nodad"});
  }
  void put(const std::string& rules) {
    const auto done = apply(image_of(bridge_policy(rules)),
                            {instance_name(), {"p0", "p1"}, GetParam(), false});
    ASSERT_TRUE(done) << done.error().line();
  }
  Fd listen_on(const Host& host, const Endpoint& at) {
    Fd socket = host.socket(at.family(), SOCK_STREAM);
    EXPECT_EQ(::bind(socket.get(), at.get(), at.size()), 0) << errno;
    EXPECT_EQ(::listen(socket.get(), 4), 0);
    return socket;
  }

  std::optional<Host> left_, right_;
};

constexpr std::size_t kBytes = 1 << 20;
constexpr int kWaitMs = 60'000;

bool is_ready(int fd, short what) {
  pollfd poll{fd, what, 0};
  return ::poll(&poll, 1, kWaitMs) == 1;
}

// Sends a megabyte into `to`, from a thread, and reads it from `from`.
std::size_t transfer(int to, int from) {
  std::thread sender([to] {
    const Bytes piece(1 << 14, 0x5a);
    for (std::size_t sent = 0; sent < kBytes;) {
      if (!is_ready(to, POLLOUT)) break;
      const auto now = ::send(to, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (now <= 0) break;
      sent += static_cast<std::size_t>(now);
    }
  });
  std::size_t got = 0;
  Bytes room(1 << 16);
  while (got < kBytes && is_ready(from, POLLIN)) {
    const auto now = ::recv(from, room.data(), room.size(), 0);
    if (now <= 0) break;
    got += static_cast<std::size_t>(now);
  }
  sender.join();
  return got;
}

TEST_P(BridgeTest, TcpPassesBothWays) {
  put("  - {name: all, action: count}\n");
  for (const char* address : {"192.0.2.2", "2001:db8::2"}) {
    const Endpoint server(address, 8080);
    const Fd listener = listen_on(*right_, server);
    const Fd client = left_->socket(server.family(), SOCK_STREAM);
    ASSERT_EQ(::connect(client.get(), server.get(), server.size()), 0)
        << address << " " << errno;
    const Fd served(::accept(listener.get(), nullptr, nullptr));
    EXPECT_EQ(transfer(client.get(), served.get()), kBytes) << address;
    EXPECT_EQ(transfer(served.get(), client.get()), kBytes) << address;
  }
  // Nobody on the way took part: neighbour discovery crossed as well.
  EXPECT_GT(counts().packets("all"), 2 * 2 * kBytes / 1500);
}

TEST_P(BridgeTest, WhatIsDroppedStaysAndASwapIsNotNoticed) {
  put("  - {name: no, match: {protocol: tcp, dst_port: 81}, action: drop}\n");
  const Endpoint server("192.0.2.2", 8080);
  const Fd listener = listen_on(*right_, server);
  const Fd client = left_->socket(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::connect(client.get(), server.get(), server.size()), 0);
  const Fd served(::accept(listener.get(), nullptr, nullptr));
  const Fd blocked = left_->socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  const Endpoint closed("192.0.2.2", 81);
  ::connect(blocked.get(), closed.get(), closed.size());
  EXPECT_EQ(counts_after(1).generation, 1u);
  std::thread swaps([this] {
    for (int port = 90; port < 95; ++port) {
      put(fmt::format("  - {{name: no, match: {{protocol: tcp, dst_port: {}}}, "
                      "action: drop}}\n",
                      port));
    }
  });
  EXPECT_EQ(transfer(client.get(), served.get()), kBytes);
  swaps.join();
  const Counts now = counts();
  EXPECT_EQ(now.generation, 6u);
  EXPECT_GE(now.packets("no"), 1u);  // the SYN, and none came back
}

TEST_P(BridgeTest, RejectAnswersWhereThePacketCameFrom) {
  put("  - {name: no, match: {protocol: tcp, dst_port: 81}, action: reject}\n");
  EXPECT_EQ(try_to_reach(*left_, SOCK_STREAM, {"192.0.2.2", 81}), ECONNREFUSED);
  EXPECT_EQ(counts().packets("no"), 1u);
}

INSTANTIATE_TEST_SUITE_P(Modes, BridgeTest,
                         testing::Values(Mode::kNative, Mode::kGeneric),
                         [](const auto& row) {
                           return row.param == Mode::kNative ? "Native"
                                                             : "Generic";
                         });

class RedirectTest : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped()) return;
    add_veth("p0", "p1");
    const Finished done = run({"ethtool", "-K", "p1", "gro", "on"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
  }
  std::optional<Bytes> arrives(const std::string& interface) {
    for (int tries = 0; tries < 200; ++tries) {
      if (auto frame = socket_on(interface).receive()) return frame;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::nullopt;
  }
};

const Bytes kExperimental = ether(0x88b5) + zeros(46);

TEST_F(RedirectTest, PacketsLeaveByTheInterfaceNamed) {
  put_on_v1(image_of(policy_text(
      {"{name: out, match: {protocol: udp, dst_port: 7}, redirect: p0}",
       "{name: l2, match: {ethertype: 0x88b5}, action: {redirect: p0}}"})));
  (void)socket_on("p1");
  (void)socket_on("v1");
  for (const Bytes& frame : {udp_to(7), kExperimental}) {
    send("v0", frame, 1);
    EXPECT_EQ(arrives("p1"), frame);
  }
  send("v0", udp_to(8), 1);
  EXPECT_EQ(arrives("v1"), udp_to(8));  // no other came up the stack
  const Counts now = counts();
  EXPECT_EQ(now.packets("out"), 1u);
  EXPECT_EQ(now.verdicts.at("redirect").packets, 2u);
  EXPECT_EQ(now.verdicts.at("pass").packets, 1u);
}

TEST_F(RedirectTest, FramesThatAreNotIpCrossABridge) {
  ip({"link", "add", "q0", "type", "veth", "peer", "name", "q1"});
  for (const char* name : {"q0", "q1"}) ip({"link", "set", name, "up"});
  EXPECT_EQ(run({"ethtool", "-K", "q1", "gro", "on"}).exit_code, 0);
  const auto done = apply(image_of(fmt::format(
                              "version: 1\nname: {}\nbridge: [p0, q0]\n",
                              instance_name())),
                          {instance_name(), {"p0", "q0"}, Mode::kNative,
                           false});
  ASSERT_TRUE(done) << done.error().line();
  for (const auto& [from, to] : {std::pair("p1", "q1"), std::pair("q1", "p1")}) {
    (void)socket_on(to);
    send(from, kExperimental, 1);
    EXPECT_EQ(arrives(to), kExperimental) << from << " to " << to;
  }
  EXPECT_THAT(done->notes, testing::Contains(HasSubstr("promisc on")));
}

TEST_F(RedirectTest, AnInterfaceThatIsNotThereIsRefusedByNameAndPlace) {
  const std::string path = write_file(
      "edge.yaml", policy_text({"{name: out, redirect: nope0}"}));
  const Finished done = tool({"apply", path});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err,
            fmt::format("xdpgate: apply rule `out` ({}:6:27) redirect: nope0: "
                        "no such interface here; see `ip link`; other network "
                        "namespaces have others\n",
                        path));
  EXPECT_TRUE(tree(pins_of(instance_name())).empty());
}

TEST_F(RedirectTest, AnInterfaceThatCannotSendIsRefusedBeforeAnythingChanges) {
  if (!xdp_features(::if_nametoindex("lo"))) {
    GTEST_SKIP() << "what drivers can do Linux tells since 6.3";
  }
  const std::string policy = policy_text({"{name: out, redirect: lo}"});
  const auto done = apply(image_of(policy), {instance_name(), {"v1"},
                                             Mode::kNative, false});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().line(),
              HasSubstr("send to lo: its driver cannot send what native XDP "
                        "redirects to it"));
  EXPECT_TRUE(tree(pins_of(instance_name())).empty());
  const auto automatic = apply(image_of(policy), {instance_name(), {"v1"},
                                                  Mode::kAuto, false});
  ASSERT_FALSE(automatic);  // native there too, but that shows later
  EXPECT_TRUE(tree(pins_of(instance_name())).empty());
  const auto generic = apply(image_of(policy), {instance_name(), {"v1"},
                                                Mode::kGeneric, false});
  EXPECT_TRUE(generic) << generic.error().line();
}

TEST_F(RedirectTest, ABridgeTakesItsPortsOnly) {
  const std::string path = write_file(
      "bridge.yaml", fmt::format("version: 1\nname: {}\nbridge: [p0, v1]\n",
                                 instance_name()));
  const Finished done = tool({"apply", path, "-i", "v1"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.err,
            "xdpgate apply: the policy is a bridge between p0 and v1; leave "
            "out -i; see `xdpgate apply --help`\n");
  const Finished implied = tool({"apply", path});
  EXPECT_EQ(implied.exit_code, 0) << implied.err;
  EXPECT_THAT(implied.out, HasSubstr("in force on p0 (native), v1 (native)"));
  const Finished half = tool({"detach", "p0"});
  EXPECT_EQ(half.exit_code, 3);
  EXPECT_EQ(half.err,
            fmt::format("xdpgate: detach from p0: it is a port of the bridge "
                        "`{0}`; `xdpgate detach --name {0}` takes both off\n",
                        instance_name()));
  EXPECT_THAT(tool({"status"}).out, HasSubstr("p0: native"));
  EXPECT_EQ(tool({"detach", "p0", "v1"}).exit_code, 0);
  EXPECT_EQ(tool({"status"}).out, "no filter is running\n");
}

TEST_F(RedirectTest, ABridgeNeedsPortsThatTakeFramesOfOneSize) {
  const std::string path = write_file(
      "bridge.yaml", fmt::format("version: 1\nname: {}\nbridge: [p0, v1]\n",
                                 instance_name()));
  ip({"link", "set", "v1", "mtu", "1400"});
  const Finished done = tool({"apply", path});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err,
            "xdpgate: bridge p0 and v1: their MTUs differ, 1500 and 1400: "
            "larger frames would be lost; ip link set p0 mtu 1400\n");
  EXPECT_TRUE(tree(pins_of(instance_name())).empty());
  ip({"link", "set", "p0", "mtu", "1400"});
  EXPECT_EQ(tool({"apply", path}).exit_code, 0);
}

TEST_F(RedirectTest, APortThatIsMissingLeavesTheOtherAlone) {
  const auto done = apply(image_of(fmt::format(
                              "version: 1\nname: {}\nbridge: [p0, nope0]\n",
                              instance_name())),
                          {instance_name(), {"p0", "nope0"}, Mode::kAuto,
                           false});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().line(),
            "find the interface nope0: no such interface here; see `ip link`; "
            "other network namespaces have others");
  EXPECT_TRUE(tree(pins_of(instance_name())).empty());
}

}  // namespace
}  // namespace xdpgate::test
