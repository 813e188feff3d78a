// SPDX-License-Identifier: GPL-2.0-only
#include "suggest/flows.h"

#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr std::uint16_t kSyn = 0x002, kAck = 0x010;
constexpr std::uint16_t kFirstFreePort = 1024;

void note(const Packet& packet, OneWay& way) {
  ++way.packets;
  const std::uint16_t flags = packet.tcp_flags.value_or(0);
  if ((flags & kSyn) == 0) return;
  ++((flags & kAck) != 0 ? way.answering : way.opening);
}

// How much a port looks like a server's.
int rank(std::uint16_t port) {
  if (port < kFirstFreePort) return 2;
  return service_names().name(port) ? 1 : 0;
}

}  // namespace

void Flows::add(const Packet& packet) {
  const Endpoint from{*packet.src, *packet.src_port};
  const Endpoint to{*packet.dst, *packet.dst_port};
  const bool is_lower = from <= to;
  const Key key{*packet.protocol, is_lower ? from : to, is_lower ? to : from};
  const auto [at, is_new] = all_.try_emplace(key);
  if (is_new) at->second.lower_began = is_lower;
  note(packet, is_lower ? at->second.from_lower : at->second.from_upper);
}

std::optional<bool> lower_is_server(const Flows::Key& key,
                                    const Conversation& both) {
  const bool lower_opened = both.from_lower.opening > 0;
  const bool upper_opened = both.from_upper.opening > 0;
  if (lower_opened && upper_opened) return std::nullopt;
  if (lower_opened || upper_opened) return upper_opened;
  if (both.from_lower.answering > 0) return true;
  if (both.from_upper.answering > 0) return false;
  const std::uint16_t lower = key.lower.port, upper = key.upper.port;
  if (rank(lower) != rank(upper)) return rank(lower) > rank(upper);
  if (lower != upper) return lower < upper;
  return !both.lower_began;
}

}  // namespace xdpgate
