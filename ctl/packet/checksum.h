// SPDX-License-Identifier: GPL-2.0-only
// The checksums that frames carry.
#pragma once

#include <cstdint>
#include <span>

namespace xdpgate {

/// One's complement sum of 16-bit words (RFC 1071), not yet inverted; an odd
/// last byte counts as a word's upper half. Sums of parts may be added.
[[nodiscard]] std::uint64_t internet_sum(std::span<const std::uint8_t> bytes);
/// The checksum field's value for a sum.
[[nodiscard]] std::uint16_t internet_checksum(std::uint64_t sum);
/// CRC-32C (RFC 9260, appendix A), as SCTP's field holds it in wire order.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::uint8_t> bytes);

}  // namespace xdpgate
