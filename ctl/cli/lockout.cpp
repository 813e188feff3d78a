// SPDX-License-Identifier: GPL-2.0-only
#include "cli/lockout.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "policy/names_address.h"

namespace xdpgate {
namespace {

// An address as sshd writes it: IPv6 of this link with `%eth0` behind it.
std::optional<Address> address_in(std::string text) {
  text = text.substr(0, text.find('%'));
  auto address = parse_address(text);
  if (!address) return std::nullopt;
  const bool mapped =
      address->family == Family::kIpv6 && address->value >> 32 == U128{0xffff};
  if (mapped) return Address{Family::kIpv4, address->value & 0xffffffff};
  return *address;
}

// "203.0.113.9 51234 198.51.100.7 22": client, server.
std::optional<TcpSession> session_in(const std::string& text) {
  std::istringstream words(text);
  std::string client, server;
  TcpSession session;
  if (!(words >> client >> session.client_port >> server >>
        session.server_port)) {
    return std::nullopt;
  }
  const auto from = address_in(client);
  const auto to = address_in(server);
  if (!from || !to || from->family != to->family) return std::nullopt;
  session.client = *from;
  session.server = *to;
  return session;
}

bool is_at(const sockaddr* socket, const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (!socket) return false;
  if (socket->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(socket);
    ::inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
  } else if (socket->sa_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(socket);
    ::inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text);
  }
  return address_in(text) == address;
}

// The interface that has `address`; empty: none has.
std::string interface_with(const Address& address) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, ::freeifaddrs);
  for (const ifaddrs* i = first; i; i = i->ifa_next) {
    if (is_at(i->ifa_addr, address)) return i->ifa_name;
  }
  return {};
}

std::optional<TcpSession> own_session(const Policy& policy) {
  const char* text = std::getenv("SSH_CONNECTION");
  if (!text) return std::nullopt;
  auto session = session_in(text);
  if (!session) return std::nullopt;
  session->interface = interface_with(session->server);
  const auto& filtered = policy.interfaces;
  const bool known = !session->interface.empty() && !filtered.empty();
  if (known &&
      std::ranges::find(filtered, session->interface) == filtered.end()) {
    return std::nullopt;
  }
  return session;
}

}  // namespace

std::vector<Lockout> lockouts_here(const Policy& policy) {
  return find_lockouts(policy, own_session(policy));
}

}  // namespace xdpgate
