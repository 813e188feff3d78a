// SPDX-License-Identifier: GPL-2.0-only
#include "packet/checksum.h"

#include <array>

namespace xdpgate {
namespace {

constexpr std::uint32_t kCastagnoli = 0x82f63b78;  // bits reversed

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ kCastagnoli : crc >> 1;
    }
    table[i] = crc;
  }
  return table;
}

}  // namespace

std::uint64_t internet_sum(std::span<const std::uint8_t> bytes) {
  std::uint64_t sum = 0;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  if (i < bytes.size()) sum += bytes[i] << 8;
  return sum;
}

std::uint16_t internet_checksum(std::uint64_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  static constexpr auto kTable = crc_table();
  std::uint32_t crc = ~0u;
  for (std::uint8_t byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xff];
  return __builtin_bswap32(~crc);
}

}  // namespace xdpgate
