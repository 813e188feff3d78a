// SPDX-License-Identifier: GPL-2.0-only
// What a host cannot do without, and whether a policy lets any of it through:
// address resolution, address assignment, and the session that its operator
// sits in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// A TCP connection from a client to this host.
struct TcpSession {
  Address client, server;
  std::uint16_t client_port = 0, server_port = 0;
  std::string interface;  ///< by which its packets come in; empty: not known
};

/// Traffic of which nothing gets through.
struct Lockout {
  std::string message;
  std::string hint;
  std::string witness;                ///< a packet that the evaluator drops
  std::optional<std::uint32_t> rule;  ///< that drops it; none: the default
  bool of_session = false;            ///< else of what `default: drop` cuts off
};

/// With `default: drop`: ARP, IPv6 neighbour discovery and answers of DHCP
/// servers of which no packet passes; with any default: `session`, where no
/// packet of it passes. Exact over all fields, so never a false alarm: a rule
/// that passes some of it, on one VLAN say, is enough. DHCP that a rule drops
/// was meant.
[[nodiscard]] std::vector<Lockout> find_lockouts(
    const Policy& policy, const std::optional<TcpSession>& session);

}  // namespace xdpgate
