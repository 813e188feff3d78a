// SPDX-License-Identifier: GPL-2.0-only
// A pcapng Interface Description Block, and the integers of a section. For
// this folder.
#pragma once

#include <cstdint>
#include <span>

#include "pcap/record_source.h"

namespace xdpgate {

/// Reads integers in the byte order of a section; the caller stays inside.
class SectionOrder {
 public:
  explicit SectionOrder(bool big_endian = false) : big_endian_(big_endian) {}

  [[nodiscard]] std::uint16_t u16(std::span<const std::uint8_t> at) const {
    return static_cast<std::uint16_t>(number(at, 2));
  }
  [[nodiscard]] std::uint32_t u32(std::span<const std::uint8_t> at) const {
    return static_cast<std::uint32_t>(number(at, 4));
  }
  [[nodiscard]] std::uint64_t u64(std::span<const std::uint8_t> at) const {
    return number(at, 8);
  }

 private:
  [[nodiscard]] std::uint64_t number(std::span<const std::uint8_t> at,
                                     std::size_t bytes) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | at[big_endian_ ? i : bytes - 1 - i];
    }
    return value;
  }

  bool big_endian_;
};

/// What an interface of a section says of its packets.
struct PcapngInterface {
  int link_type = 0;              ///< DLT_...
  std::uint32_t snap_length = 0;  ///< 0: none
  std::uint64_t ticks_per_second = 1'000'000;
  std::int64_t offset_seconds = 0;  ///< to add to every time

  /// `ticks` of this interface's clock as a time since the epoch.
  [[nodiscard]] Found<std::chrono::nanoseconds> time_of(
      std::uint64_t ticks) const;
};

/// Reads the block's `body` (what stands between its two lengths).
[[nodiscard]] Found<PcapngInterface> read_interface(
    std::span<const std::uint8_t> body, SectionOrder order);

}  // namespace xdpgate
