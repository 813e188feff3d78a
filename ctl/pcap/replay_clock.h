// SPDX-License-Identifier: GPL-2.0-only
// The time that a replay goes by: that of the frames.
#pragma once

#include <chrono>
#include <cstdint>

namespace xdpgate {

/// Turns the times of frames into a clock that never goes back: where one
/// capture ends later than the next begins, no time passes between them.
class ReplayClock {
 public:
  /// Nanoseconds of a clock, more than 0, at the frame of that time.
  std::uint64_t at(std::chrono::nanoseconds time) {
    if (time > last_ && last_.count() > 0) {
      now_ns_ += static_cast<std::uint64_t>((time - last_).count());
    }
    last_ = time;
    return now_ns_;
  }

 private:
  std::chrono::nanoseconds last_{};
  std::uint64_t now_ns_ = 1'000'000'000;
};

}  // namespace xdpgate
