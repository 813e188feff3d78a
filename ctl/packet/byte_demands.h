// SPDX-License-Identifier: GPL-2.0-only
// Bytes of a frame that are settled in advance, by payload matches. Whoever
// draws a field asks first which of its bits are still free.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/bits.h"

namespace xdpgate {

/// frame[at] & mask == value.
struct ByteDemand {
  std::uint32_t at = 0;
  std::uint8_t mask = 0;
  std::uint8_t value = 0;
};

class ByteDemands {
 public:
  /// False where it contradicts what is demanded already.
  [[nodiscard]] bool add(ByteDemand demand);
  [[nodiscard]] const std::vector<ByteDemand>& all() const { return all_; }

  /// The demands on the `count` bytes from `at`, as one number.
  template <class T>
  [[nodiscard]] Bits<T> bits(std::uint32_t at, unsigned count) const {
    Bits<T> result;
    for (const ByteDemand& demand : all_) {
      if (demand.at < at || demand.at >= at + count) continue;
      const unsigned shift = 8 * (count - 1 - (demand.at - at));
      result.mask |= static_cast<T>(T{demand.mask} << shift);
      result.value |= static_cast<T>(T{demand.value} << shift);
    }
    return result;
  }

 private:
  std::vector<ByteDemand> all_;  ///< a place at most once
};

}  // namespace xdpgate
