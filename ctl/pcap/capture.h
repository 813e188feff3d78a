// SPDX-License-Identifier: GPL-2.0-only
// Captures: pcap and pcapng files in and out. The only folder that knows
// libpcap.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace xdpgate {

/// Longest frame that is read; a record that claims more is damaged.
constexpr std::uint32_t kMaxFrameBytes = 256 * 1024;

/// One frame of a capture, always Ethernet: what came raw or cooked has got an
/// Ethernet header, what was snapped is padded with zeros to its length on the
/// wire.
struct Frame {
  std::vector<std::uint8_t> bytes;   ///< as many as on the wire
  std::uint32_t captured_bytes = 0;  ///< of them, before the padding
  std::chrono::nanoseconds time{};   ///< since the epoch
  std::uint64_t number = 0;          ///< 1-based in file order
};

/// Reads one file ("-": standard input), frame by frame; move-only.
class CaptureReader {
 public:
  /// Errors: cannot open, empty, not a capture, link type other than Ethernet,
  /// raw IP or Linux cooked v1/v2 (named).
  [[nodiscard]] static Result<CaptureReader> open(const std::string& path);
  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;
  ~CaptureReader();

  /// The next frame into `frame` (its memory is used again); false at the end
  /// of the file. Errors name the frame: the file ends inside it or is damaged
  /// there, or (pcapng) it is of another link type.
  [[nodiscard]] Result<bool> next(Frame& frame);

 private:
  struct Impl;
  explicit CaptureReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Writes one pcap file (Ethernet, nanoseconds); move-only.
class CaptureWriter {
 public:
  /// Creates or truncates `path`.
  [[nodiscard]] static Result<CaptureWriter> create(const std::string& path);
  CaptureWriter(CaptureWriter&&) noexcept;
  CaptureWriter& operator=(CaptureWriter&&) noexcept;
  ~CaptureWriter();

  [[nodiscard]] Result<void> write(const Frame& frame);
  /// Flushes and closes; the error of a full disk comes out here at the
  /// latest.
  [[nodiscard]] Result<void> close();

 private:
  struct Impl;
  explicit CaptureWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xdpgate
