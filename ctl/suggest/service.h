// SPDX-License-Identifier: GPL-2.0-only
// What a capture holds, by service: a kind of packets, who sent them, to whom.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/packet.h"
#include "policy/policy.h"
#include "suggest/flows.h"

namespace xdpgate {

/// What packets of a service have in common.
enum class ServiceKind : std::uint8_t {
  kEthertype,   ///< not IP
  kIcmp,        ///< of one family, by type
  kNeighbours,  ///< ICMPv6 of this link: hop limit 255
  kRequests,    ///< to the port of a server
  kAnswers,     ///< from it
  kProtocol,    ///< another protocol of one family
  kFragments,   ///< later fragments of one protocol and family
};

/// Packets that a rule of its own can pass.
struct Service {
  ServiceKind kind = ServiceKind::kEthertype;
  std::optional<Family> family = {};          ///< where the kind has one
  std::optional<std::uint8_t> protocol = {};  ///< none: a fragment without one
  NumberSet numbers = {};  ///< ethertypes, ICMP types, or server ports
  AddressSet src = {}, dst = {};
  bool any_src = false, any_dst = false;  ///< more than were remembered
  bool free_ports = true;  ///< kAnswers: all went to ports from 1024
  std::uint64_t packets = 0;
};

/// Most different addresses that are remembered of one side of a service.
constexpr std::size_t kMostAddresses = 4096;

/// The services of captures.
class SeenTraffic {
 public:
  /// Notes a packet; a malformed one is counted only.
  void add(const Packet& packet);

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }
  /// One service for each number (ethertype, ICMP type, port) that was seen,
  /// the busiest first.
  [[nodiscard]] std::vector<Service> services() const;

 private:
  // Of one kind, with one number.
  struct Key {
    ServiceKind kind = ServiceKind::kEthertype;
    std::optional<Family> family;
    std::optional<std::uint8_t> protocol;
    std::uint16_t number = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Side {
    std::set<std::pair<Family, U128>> addresses;
    bool any = false;
    void add(const Address& address);
    [[nodiscard]] AddressSet take() const;
  };
  struct Draft {
    Side src, dst;
    bool free_ports = true;
    std::uint64_t packets = 0;
  };
  using Drafts = std::map<Key, Draft>;

  static Key key_of(const Packet& packet);
  static void add_way(const Key& key, const Endpoint& from, const Endpoint& to,
                      std::uint64_t packets, Drafts& drafts);
  static void add_flow(const Flows::Key& flow, const Conversation& both,
                       Drafts& drafts);

  Flows flows_;
  Drafts others_;
  std::uint64_t packets_ = 0, malformed_ = 0;
};

}  // namespace xdpgate
