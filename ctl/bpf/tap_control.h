// SPDX-License-Identifier: GPL-2.0-only
// The reader's half of struct xg_capture: says what is asked for, and that
// somebody is still there to read it.
#pragma once

#include <xdpgate/abi.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "bpf/mapping.h"

namespace xdpgate {

/// Writes an instance's struct xg_capture, mapped. Programs read it at any
/// time, so the order of the writes is part of it.
class TapControl {
 public:
  /// Of the map behind `capture_fd`; empty, with errno set, where it cannot be
  /// mapped.
  explicit TapControl(int capture_fd);
  TapControl(const TapControl&) = delete;
  TapControl& operator=(const TapControl&) = delete;
  ~TapControl() { stop(); }

  explicit operator bool() const { return bool(mapping_); }
  /// Asks for packets by `wanted`, whose `active`, `until_ns` and `due_ns` are
  /// not read, until stop(); a thread keeps telling that somebody reads.
  void start(const xg_capture& wanted);
  /// The numbers of the rules asked for are these in `generation`.
  void set_rules(std::uint64_t generation,
                 const std::vector<std::uint32_t>& rules);
  void stop();

 private:
  [[nodiscard]] xg_capture& shared() const {
    return *reinterpret_cast<xg_capture*>(mapping_.data());
  }
  void renew() const;
  void keep_renewing(const std::stop_token& stopped);

  Mapping mapping_;
  std::uint32_t number_ = 0;  // that no reader before had
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread keeper_;
};

}  // namespace xdpgate
