// SPDX-License-Identifier: GPL-2.0-only
// Frames with their times, and the bytes of the capture file that holds them.
// Written by hand, not by libpcap: the bytes must be the same everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pcaps/generate/packet.h"

namespace xdpgate::pcaps {

/// Shortest frame on a wire, without its check sequence.
constexpr std::size_t kMinFrameBytes = 60;

/// A frame, and when it came.
struct Record {
  std::uint64_t time_us = 0;  ///< since 1970
  Bytes frame;
};

class Capture {
 public:
  /// A frame `gap_us` after the one before, padded as on a wire.
  void add(const Bytes& frame, std::uint64_t gap_us = 500);
  /// The same, not padded: a frame that could not have come off a wire.
  void add_bare(const Bytes& frame, std::uint64_t gap_us = 500);
  /// A packet, framed for its path.
  void send(const Path& path, const Bytes& packet, std::uint64_t gap_us = 500);

  [[nodiscard]] const std::vector<Record>& records() const& { return records_; }
  const std::vector<Record>& records() && = delete;  // would dangle

 private:
  std::vector<Record> records_;
};

/// Link types of https://www.tcpdump.org/linktypes.html.
enum LinkType : std::uint16_t { kEthernet = 1, kRawIp = 101, kCooked = 113 };

/// A pcap file, little-endian, microseconds. Of each frame at most `snap`
/// bytes are kept.
[[nodiscard]] Bytes pcap_file(const Capture& capture, LinkType link = kEthernet,
                              std::uint32_t snap = 262144);
/// A pcapng file with one Ethernet interface, little-endian, nanoseconds.
[[nodiscard]] Bytes pcapng_file(const Capture& capture);

}  // namespace xdpgate::pcaps
