// SPDX-License-Identifier: GPL-2.0-only
#include "packet/random_packet.h"

#include <utility>

#include "packet/draw_address.h"

namespace xdpgate {
namespace {

std::uint16_t client_port(Dice& dice) {
  return static_cast<std::uint16_t>(dice.between(1024, 65535));
}

std::uint16_t server_port(Dice& dice) {
  constexpr std::uint16_t kServers[] = {443, 443, 80,   53,  22,  123,
                                        25,  993, 5060, 853, 8080};
  return dice.one_in(4) ? client_port(dice) : dice.pick(kServers);
}

std::uint8_t any_protocol(Family family, Dice& dice) {
  constexpr std::uint8_t kOthers[] = {47, 50, 132, 89, 2, 33, 136};
  const std::uint64_t share = dice.below(100);
  if (share < 55) return 6;
  if (share < 90) return 17;
  if (share < 97) return family == Family::kIpv4 ? 1 : 58;
  return dice.pick(kOthers);
}

}  // namespace

PacketSpec random_packet(Family family, Dice& dice) {
  constexpr std::uint16_t kFlags[] = {0x10, 0x10, 0x18, 0x18,
                                      0x02, 0x12, 0x11, 0x04};
  constexpr std::uint8_t kTtls[] = {64, 63, 57, 52, 128, 119, 255, 245};
  PacketSpec spec = default_spec(family);
  spec.src = plausible_address(family, dice);
  spec.dst = plausible_address(family, dice);
  spec.protocol = any_protocol(family, dice);
  spec.src_port = client_port(dice);
  spec.dst_port = server_port(dice);
  if (dice.one_in(2)) std::swap(spec.src_port, spec.dst_port);
  spec.tcp_flags = dice.pick(kFlags);
  spec.ttl = dice.pick(kTtls);
  spec.data.resize(dice.one_in(2) ? 0 : dice.below(64));
  return spec;
}

}  // namespace xdpgate
