// SPDX-License-Identifier: GPL-2.0-only
// Frames that nobody would send in good faith: those of the table with some
// bytes changed, and some cut short.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/support/parse_cases.h"

namespace xdpgate::test {

class HostileFrames {
 public:
  explicit HostileFrames(std::uint32_t seed) : random_(seed) {}

  [[nodiscard]] Bytes next() {
    Bytes frame = cases_[below(cases_.size())].frame;
    for (auto n = below(4); n > 0 && !frame.empty(); --n) {
      frame[below(frame.size())] = static_cast<std::uint8_t>(random_());
    }
    if (below(4) == 0) frame.resize(below(frame.size() + 1));
    return frame;
  }
  /// 0 to limit - 1.
  [[nodiscard]] std::size_t below(std::size_t limit) {
    return random_() % limit;
  }

 private:
  std::mt19937 random_;
  std::vector<ParseCase> cases_ = parse_cases();
};

}  // namespace xdpgate::test
