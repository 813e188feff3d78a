// SPDX-License-Identifier: GPL-2.0-only
// Captures that are not of Ethernet: which of them get an Ethernet header put
// before each frame, and which header. For this folder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace xdpgate {

using EthernetHeader = std::array<std::uint8_t, 14>;

/// What a frame of another link type becomes: `header` in place of the first
/// `skipped` bytes.
struct Recast {
  EthernetHeader header{};
  std::size_t skipped = 0;
};

/// Whether frames of link type `dlt` (DLT_...) can be read.
[[nodiscard]] bool is_readable(int dlt);

/// How to make Ethernet of `captured`; nothing for a frame that is Ethernet
/// already, or that ends inside its own link header.
[[nodiscard]] std::optional<Recast> recast(
    int dlt, std::span<const std::uint8_t> captured);

}  // namespace xdpgate
