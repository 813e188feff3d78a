// SPDX-License-Identifier: GPL-2.0-only
// Bytes as hexadecimal digits, both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xdpgate {

/// Two digits a byte, of either case, with `0x` before them or without; at
/// least one byte. Nothing where `text` is not that.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> parse_hex(
    std::string_view text);

/// Two small digits a byte.
[[nodiscard]] std::string hex_text(std::span<const std::uint8_t> bytes);

}  // namespace xdpgate
