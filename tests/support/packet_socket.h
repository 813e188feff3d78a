// SPDX-License-Identifier: GPL-2.0-only
// Whole frames out of and into an interface.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/fd.h"
#include "tests/support/frame_bytes.h"

namespace xdpgate::test {

/// A packet socket on one interface of this network namespace. Throws where
/// there can be none.
class PacketSocket {
 public:
  explicit PacketSocket(const std::string& interface);

  /// False: the interface did not take it.
  bool send(std::span<const std::uint8_t> frame);
  /// The next frame that came in; nothing where none is waiting.
  [[nodiscard]] std::optional<Bytes> receive();
  /// Frames that came in and found no room here, since the last call.
  [[nodiscard]] std::uint32_t missed();

 private:
  Fd fd_;
};

}  // namespace xdpgate::test
