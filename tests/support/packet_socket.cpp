// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/packet_socket.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace xdpgate::test {
namespace {

constexpr int kReceiveBytes = 64 << 20;
constexpr std::size_t kLargestFrame = 2048;

void must(int result, const char* what) {
  if (result == 0) return;
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

PacketSocket::PacketSocket(const std::string& interface)
    : fd_(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  must(fd_ ? 0 : -1, "open a packet socket");
  const int on = 1;
  must(::setsockopt(fd_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
                    sizeof(on)),
       "ignore what goes out");
  must(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes,
                    sizeof(kReceiveBytes)),
       "make room");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  must(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)),
       "bind to the interface");
}

bool PacketSocket::send(std::span<const std::uint8_t> frame) {
  return ::send(fd_.get(), frame.data(), frame.size(), 0) ==
         static_cast<ssize_t>(frame.size());
}

std::optional<Bytes> PacketSocket::receive() {
  Bytes frame(kLargestFrame);
  const ssize_t got = ::recv(fd_.get(), frame.data(), frame.size(), 0);
  if (got < 0) return std::nullopt;
  frame.resize(static_cast<std::size_t>(got));
  return frame;
}

std::uint32_t PacketSocket::missed() {
  tpacket_stats stats{};
  socklen_t size = sizeof(stats);
  must(::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &size),
       "ask what was missed");
  return stats.tp_drops;
}

}  // namespace xdpgate::test
