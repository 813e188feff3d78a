// SPDX-License-Identifier: GPL-2.0-only
// Frames made by dice, of the fields that random_policy.cpp asks for: mostly
// sound ones, some with bytes changed, some cut short, some hostile.
#pragma once

#include <cstdint>

#include "base/dice.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/hostile_frames.h"

namespace xdpgate::test {

class RandomPackets {
 public:
  explicit RandomPackets(std::uint64_t seed)
      : dice_(seed), hostile_(static_cast<std::uint32_t>(seed)) {}

  [[nodiscard]] Bytes next();

 private:
  Bytes sound();
  Bytes link(std::uint16_t ethertype);
  Bytes ipv4_packet();
  Bytes ipv6_packet();
  Bytes upper(std::uint8_t protocol);
  Bytes data();

  Dice dice_;
  HostileFrames hostile_;
};

}  // namespace xdpgate::test
