// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "bpf/link.h"
#include "tests/support/sandbox.h"

namespace xdpgate::test {
namespace {

constexpr int kWaitMs = 90'000;  // a test may be paused
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr int kTries = 2000;

std::string namespace_of(const Child& child) {
  return "/proc/" + std::to_string(child.pid()) + "/ns/net";
}

// `unshare` has made its namespace once it has become `sleep`.
void wait_for_sleep(const Child& child) {
  const std::string path = "/proc/" + std::to_string(child.pid()) + "/comm";
  for (int i = 0; i < kTries; ++i) {
    std::string name;
    std::ifstream(path) >> name;
    if (name == "sleep") return;
    std::this_thread::sleep_for(kPause);
  }
  throw std::runtime_error("no namespace for another host");
}

int error_of(const Fd& socket) {
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

Endpoint::Endpoint(const std::string& address, std::uint16_t port) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
  } else {
    throw std::invalid_argument(address);
  }
}

socklen_t Endpoint::size() const {
  return family() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

Host::Host(const std::string& near, const std::string& far)
    : child_(Child::start({"unshare", "--net", "sleep", "900"})) {
  wait_for_sleep(child_);
  test::ip({"link", "add", near, "type", "veth", "peer", "name", far});
  test::ip({"link", "set", far, "netns", std::to_string(child_.pid())});
  test::ip({"link", "set", near, "up"});
  ip({"link", "set", far, "up"});
  run_here("ethtool", {"-K", far, "tx", "off", "tso", "off", "gso", "off"});
  auto entry = load_entry();
  if (!entry) throw std::runtime_error(entry.error().line());
  passes_all_ = std::move(*entry);
  inside([&] {
    auto link = attach(passes_all_.program.get(), ::if_nametoindex(far.c_str()),
                       far, Mode::kNative);
    if (link) link_ = std::move(link->fd);
  });
  EXPECT_TRUE(link_) << far << " carries no XDP program";
}

void Host::run_here(const std::string& program,
                    const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {"nsenter", "--net=" + namespace_of(child_),
                                   program};
  argv.insert(argv.end(), words.begin(), words.end());
  const Finished done = run(argv);
  EXPECT_EQ(done.exit_code, 0) << program << ": " << done.err;
}

void Host::ip(const std::vector<std::string>& words) const {
  run_here("ip", words);
}

void Host::inside(const std::function<void()>& task) const {
  std::thread([&] {
    const Fd space(::open(namespace_of(child_).c_str(), O_RDONLY | O_CLOEXEC));
    if (::setns(space.get(), CLONE_NEWNET) == 0) task();
  }).join();
}

// A socket belongs to the namespace of the thread that opens it.
Fd Host::socket(int family, int type) const {
  Fd socket;
  inside([&] { socket = Fd(::socket(family, type | SOCK_CLOEXEC, 0)); });
  if (!socket) throw std::runtime_error("no socket on another host");
  return socket;
}

std::string mac_of(const std::string& interface) {
  const Finished done = run({"ip", "-br", "link", "show", interface});
  const auto at = done.out.find(':');
  return at < 2 || at == std::string::npos ? "" : done.out.substr(at - 2, 17);
}

int try_to_reach(const Host& from, int type, const Endpoint& to) {
  const Fd socket = from.socket(to.family(), type | SOCK_NONBLOCK);
  if (::connect(socket.get(), to.get(), to.size()) != 0 &&
      errno != EINPROGRESS) {
    return errno;
  }
  const bool is_tcp = type == SOCK_STREAM;
  if (!is_tcp && ::send(socket.get(), "?", 1, 0) != 1) return errno;
  pollfd poll{socket.get(), static_cast<short>(is_tcp ? POLLOUT : POLLIN), 0};
  if (::poll(&poll, 1, is_tcp ? kWaitMs : 300) == 0) {
    return is_tcp ? ETIMEDOUT : 0;
  }
  return error_of(socket);
}

}  // namespace xdpgate::test
