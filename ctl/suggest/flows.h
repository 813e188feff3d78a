// SPDX-License-Identifier: GPL-2.0-only
// Who talked to whom: the packets of captures, gathered by conversation, so
// that it can be told afterwards which end is the server.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "policy/packet.h"

namespace xdpgate {

/// One end of a conversation.
struct Endpoint {
  Address address;
  std::uint16_t port = 0;  ///< 0 where the protocol has none
  friend auto operator<=>(const Endpoint& a, const Endpoint& b) {
    return std::tie(a.address.family, a.address.value, a.port) <=>
           std::tie(b.address.family, b.address.value, b.port);
  }
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// What one end sent.
struct OneWay {
  std::uint64_t packets = 0;
  std::uint64_t opening = 0;   ///< TCP SYN without ACK
  std::uint64_t answering = 0; ///< TCP SYN with ACK
};

/// What the two ends of a conversation sent each other: `lower` is the lesser
/// endpoint.
struct Conversation {
  OneWay from_lower, from_upper;
  bool lower_began = false;  ///< it sent the first packet seen
};

/// Packets of protocols with ports, by conversation.
class Flows {
 public:
  struct Key {
    std::uint8_t protocol = 0;
    Endpoint lower, upper;
    friend auto operator<=>(const Key& a, const Key& b) {
      return std::tie(a.protocol, a.lower, a.upper) <=>
             std::tie(b.protocol, b.lower, b.upper);
    }
  };

  /// Notes a packet that has ports.
  void add(const Packet& packet);
  [[nodiscard]] const std::map<Key, Conversation>& all() const { return all_; }

 private:
  std::map<Key, Conversation> all_;
};

/// Whether the lower end of a conversation is the server: who was asked to
/// open it; where no opening was seen, who has the port of a service, or the
/// lower one, or did not begin. Nothing where both ends opened.
[[nodiscard]] std::optional<bool> lower_is_server(const Flows::Key& key,
                                                  const Conversation& both);

}  // namespace xdpgate
