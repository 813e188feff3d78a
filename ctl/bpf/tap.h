// SPDX-License-Identifier: GPL-2.0-only
// Reading packets of a running filter: those that rules log, or those of any
// rules and verdicts that the reader chooses. The filter is not changed, and an
// apply meanwhile is followed.
#pragma once

#include <xdpgate/abi.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace xdpgate {

struct TapRequest {
  std::string instance = {};  ///< may be empty where only one runs
  /// Packets that these rules met (empty: any rule, and none), ...
  std::vector<std::string> rules = {};
  /// ... and that came to these verdicts (empty: any).
  std::vector<xg_verdict> verdicts = {};
  /// One packet in so many, of each CPU's. 0, with no rules and verdicts: what
  /// the policy logs, as often as it says.
  std::uint32_t every = 0;
  std::uint32_t snap_bytes = 256;        ///< 1..XG_SNAP_MAX
  std::uint32_t per_second = 10'000;     ///< at most, on average; at least 1
  std::uint32_t ring_bytes = 4u << 20;   ///< a power of two, of whole pages
};

/// One packet as the filter saw it.
struct TappedPacket {
  std::chrono::nanoseconds time{};  ///< since the epoch
  std::uint64_t generation = 0;
  /// The rule that decided or (`counts`) counted; empty: the default or the
  /// packet's class.
  std::string_view rule;
  bool counts = false;  ///< the rule counts: the packet went on behind it
  xg_verdict verdict = XG_PASS;
  xg_class packet_class = XG_CLASS_OK;
  std::uint32_t ifindex = 0;
  std::uint32_t length = 0;               ///< of the frame
  std::span<const std::uint8_t> head;     ///< its first bytes
};

/// What became of packets that were asked for, since the tap was opened.
struct TapCounts {
  std::uint64_t logged = 0;  ///< went to the ring
  std::uint64_t lost = 0;    ///< found it full
  std::uint64_t capped = 0;  ///< were beyond the rate
};

/// An open tap; move-only. One a running instance at a time. Closing it, or
/// the end of its process in whatever way, leaves the filter as it was.
class Tap {
 public:
  /// Gets a packet; false: no more, please.
  using Take = std::function<bool(const TappedPacket&)>;

  /// Errors: no such instance or rule, more than XG_CAPTURE_RULES rules,
  /// another tap is open.
  [[nodiscard]] static Result<Tap> open(const TapRequest& request);
  Tap(Tap&&) noexcept;
  Tap& operator=(Tap&&) = delete;
  ~Tap();

  [[nodiscard]] const std::string& instance() const;
  /// Waits until packets are there or `limit` is over, and hands them to
  /// `take`. False: `take` has had enough, or the filter was detached.
  [[nodiscard]] Result<bool> wait(std::chrono::milliseconds limit,
                                  const Take& take);
  /// Lets no more packets in; what is in the ring can still be had.
  void stop();
  /// Whether the instance has gone from under it.
  [[nodiscard]] bool is_detached() const;
  [[nodiscard]] Result<TapCounts> counts() const;

 private:
  struct Impl;
  explicit Tap(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xdpgate
