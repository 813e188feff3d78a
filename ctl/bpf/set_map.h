// SPDX-License-Identifier: GPL-2.0-only
// The hash behind one dynamic set: elements and when they expire.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

/// An element, and when it expires (CLOCK_BOOTTIME, ns) or XG_NEVER.
struct TimedElement {
  xg_element element;
  std::uint64_t expires_ns;
  [[nodiscard]] bool lives(std::uint64_t now_ns) const {
    return expires_ns == XG_NEVER || expires_ns > now_ns;
  }
};

/// Says how far a long operation is; called now and then.
using OnProgress = std::function<void(std::size_t done)>;

/// One such map; move-only. Packets see every change at once.
class SetMap {
 public:
  /// A new, empty one; its memory is taken now. Error: not enough of it.
  [[nodiscard]] static Result<SetMap> create(std::uint32_t size);
  explicit SetMap(Fd fd) : fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// The kernel's number for the map.
  [[nodiscard]] Result<std::uint32_t> id() const;
  /// Most elements.
  [[nodiscard]] Result<std::uint32_t> size() const;

  /// All elements, also those that have expired, in no order.
  [[nodiscard]] Result<std::vector<TimedElement>> read() const;
  /// When an element expires; none where it is not there.
  [[nodiscard]] Result<std::optional<std::uint64_t>> find(
      const xg_element& element) const;
  /// Sets an element's time. False: it is not there, and the map is full.
  [[nodiscard]] Result<bool> put(const TimedElement& element) const;
  /// Removes an element that may be there.
  [[nodiscard]] Result<void> remove(const xg_element& element) const;
  /// Fills an empty map with elements that fit, some thousands a call.
  [[nodiscard]] Result<void> fill(std::span<const TimedElement> elements,
                                  const OnProgress& progress = {}) const;
  /// Removes what has expired; how many elements that were. One that a packet
  /// renews meanwhile stays.
  [[nodiscard]] Result<std::size_t> remove_expired() const;

 private:
  [[nodiscard]] Result<bool> remove_if_expired(const xg_element& element) const;

  Fd fd_;
};

/// The prefix lengths that occur among `elements`.
[[nodiscard]] xg_set_lengths lengths_of(std::span<const TimedElement> elements);

}  // namespace xdpgate
