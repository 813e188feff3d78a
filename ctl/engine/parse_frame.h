// SPDX-License-Identifier: GPL-2.0-only
// The packet reader of the packet path (xdp/parse.h) alone.
#pragma once

#include <xdpgate/abi.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace xdpgate {

/// How a frame comes to the reader.
struct ParseOptions {
  std::uint32_t ifindex = 0;  ///< ingress interface
  /// Bytes of the frame in the first buffer; what lies behind is read as from
  /// a driver's further buffers. More than the frame has: all of them.
  std::size_t first_buffer_bytes = std::numeric_limits<std::size_t>::max();
  std::uint32_t features = XG_HAS_MACS;  ///< XG_HAS_...
};

/// The key of an Ethernet frame; its class is word[XG_W_CLASS].
[[nodiscard]] xg_key parse_frame(std::span<const std::uint8_t> frame,
                                 const ParseOptions& options = {});

}  // namespace xdpgate
