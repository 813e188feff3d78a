// SPDX-License-Identifier: GPL-2.0-only
// Which rule the next packet of a trace is for, and how often it comes again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/dice.h"

namespace xdpgate {

enum class Locality : std::uint8_t {
  /// Every rule as often as every other, in an order without pattern: the
  /// worst that caches can meet.
  kEven,
  /// Rule popularity by Zipf's law with exponent 1, the popular ones anywhere
  /// in the policy; and a packet comes in a burst, whose length has a Pareto
  /// distribution (shape 1, scale 1), as in ClassBench's trace generator
  /// (D. Taylor, J. Turner, INFOCOM 2005). Bursts are cut at kMaxBurst.
  kRealistic,
};

inline constexpr std::size_t kMaxBurst = 1000;

/// Draws from `items`, one after the other.
class ItemOrder {
 public:
  ItemOrder(std::vector<std::uint32_t> items, Locality locality, Dice& dice);

  /// The next item; there must be one.
  [[nodiscard]] std::uint32_t next(Dice& dice);
  /// How often the packet drawn for it comes, at least once.
  [[nodiscard]] std::size_t burst(Dice& dice) const;

 private:
  std::vector<std::uint32_t> items_;
  Locality locality_;
  std::size_t at_ = 0;              ///< kEven: of this round
  std::vector<double> cumulative_;  ///< kRealistic: weights, summed up
};

}  // namespace xdpgate
