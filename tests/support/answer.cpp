// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "packet/checksum.h"
#include "policy/names_address.h"

namespace xdpgate::test {
namespace {

using Piece = std::span<const std::uint8_t>;

std::uint32_t number(Piece bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

std::string address(Piece bytes) {
  U128 value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  const Family family = bytes.size() == 4 ? Family::kIpv4 : Family::kIpv6;
  return to_text(AddressRange{family, value, value});
}

// An IP packet of an answer, taken apart.
struct Answer {
  Piece source, destination, payload;
  std::uint8_t protocol = 0;
  bool is_v6 = false;
  std::size_t padding = 0;

  // The pseudo-header's part of a checksum (RFC 9293 3.1, RFC 8200 8.1).
  [[nodiscard]] std::uint64_t pseudo_sum() const {
    return internet_sum(source) + internet_sum(destination) + protocol +
           payload.size();
  }
};

bool sums_up(std::uint64_t sum) { return internet_checksum(sum) == 0; }

std::string take_apart_v4(Piece packet, Answer& answer) {
  if (packet.size() < 20) return "too short";
  if (packet[0] != 0x45) return "not a plain IPv4 header";
  const std::size_t total = number(packet, 2, 2);
  if (total < 20 || total > packet.size()) return "wrong total length";
  if (!sums_up(internet_sum(packet.first(20)))) return "wrong IP checksum";
  if (number(packet, 6, 2) != 0x4000 || packet[8] != 64) return "odd IP fields";
  answer = {packet.subspan(12, 4), packet.subspan(16, 4),
            packet.subspan(20, total - 20), packet[9], false,
            packet.size() - total};
  return "";
}

std::string take_apart_v6(Piece packet, Answer& answer) {
  if (packet.size() < 40) return "too short";
  if (number(packet, 0, 4) != 0x60000000) return "not a plain IPv6 header";
  const std::size_t length = number(packet, 4, 2);
  if (40 + length > packet.size()) return "wrong payload length";
  if (packet[7] != 64) return "odd hop limit";
  answer = {packet.subspan(8, 16), packet.subspan(24, 16),
            packet.subspan(40, length), packet[6], true,
            packet.size() - 40 - length};
  return "";
}

std::string reset_text(const Answer& answer) {
  const Piece tcp = answer.payload;
  if (tcp.size() != 20) return "a reset is 20 bytes";
  if (!sums_up(internet_sum(tcp) + answer.pseudo_sum())) {
    return "wrong TCP checksum";
  }
  const std::uint32_t flags = number(tcp, 12, 2);
  if ((flags & ~0x10u) != 0x5004) return "not a reset";
  return fmt::format(
      "tcp {}:{} > {}:{} rst seq {}{}", address(answer.source),
      number(tcp, 0, 2), address(answer.destination), number(tcp, 2, 2),
      number(tcp, 4, 4),
      flags & 0x10 ? fmt::format(" ack {}", number(tcp, 8, 4)) : "");
}

std::string unreachable_text(const Answer& answer) {
  const Piece icmp = answer.payload;
  if (icmp.size() < 8) return "too short for ICMP";
  const std::uint64_t pseudo = answer.is_v6 ? answer.pseudo_sum() : 0;
  if (!sums_up(internet_sum(icmp) + pseudo)) return "wrong ICMP checksum";
  const std::uint32_t wanted = answer.is_v6 ? 0x0104 : 0x0303;
  if (number(icmp, 0, 2) != wanted) return "not a port unreachable";
  if (number(icmp, 4, 4) != 0) return "unused field used";
  return fmt::format("{} port-unreachable {} > {} quotes {}",
                     answer.is_v6 ? "icmpv6" : "icmp", address(answer.source),
                     address(answer.destination), icmp.size() - 8);
}

}  // namespace

std::string answer_text(const Bytes& frame) {
  std::size_t at = 12;
  while (at + 4 < frame.size() &&
         (number(frame, at, 2) == 0x8100 || number(frame, at, 2) == 0x88a8)) {
    at += 4;
  }
  if (at + 2 > frame.size()) return "no ethertype";
  const Piece packet = Piece(frame).subspan(at + 2);
  const bool is_v6 = number(frame, at, 2) == 0x86dd;
  Answer answer;
  std::string wrong =
      is_v6 ? take_apart_v6(packet, answer) : take_apart_v4(packet, answer);
  if (!wrong.empty()) return wrong;
  const Piece padding = packet.last(answer.padding);
  if (std::ranges::any_of(padding, [](auto byte) { return byte != 0; })) {
    return "what was in the packet is in the padding";
  }
  const std::string text = answer.protocol == 6 ? reset_text(answer)
                                                : unreachable_text(answer);
  return text + (answer.padding > 0 ? " padded" : "");
}

}  // namespace xdpgate::test
