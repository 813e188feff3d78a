// SPDX-License-Identifier: GPL-2.0-only
// How much work an analysis may still do. The exact questions of this folder
// can take exponential time; whoever asks says how long it may take, and is
// told when that did not do.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace xdpgate {

/// Steps, and seconds. A step is about what it takes to hold two boxes against
/// each other.
class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Budget(std::uint64_t steps = kNoLimit, double seconds = kNoDeadline)
      : steps_(steps), deadline_(deadline_in(seconds)) {}

  /// Takes `steps` off; false once there are none left, or no time.
  bool spend(std::uint64_t steps = 1) {
    steps_ -= std::min(steps, steps_);
    since_look_ += steps;
    if (since_look_ >= kLookEvery) look();
    return steps_ > 0;
  }
  [[nodiscard]] bool over() const { return steps_ == 0; }
  /// Whether the time is up, whatever steps there are.
  [[nodiscard]] bool late() const { return Clock::now() >= deadline_; }
  /// One of `steps`, as late as this one at most.
  [[nodiscard]] Budget part(std::uint64_t steps) const {
    Budget part(steps);
    part.deadline_ = deadline_;
    return part;
  }

 private:
  static constexpr std::uint64_t kNoLimit =
      std::numeric_limits<std::uint64_t>::max();
  static constexpr double kNoDeadline = 1e9;
  static constexpr std::uint64_t kLookEvery = 1 << 14;

  static Clock::time_point deadline_in(double seconds) {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(seconds));
  }
  void look() {
    since_look_ = 0;
    if (late()) steps_ = 0;
  }

  std::uint64_t steps_;
  std::uint64_t since_look_ = 0;
  Clock::time_point deadline_;
};

}  // namespace xdpgate
