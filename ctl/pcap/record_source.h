// SPDX-License-Identifier: GPL-2.0-only
// The records of a capture file as they lie there, whatever its format. For
// this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace xdpgate {

/// Closes a stream, except standard input.
struct StreamClose {
  void operator()(std::FILE* stream) const {
    if (stream != stdin) std::fclose(stream);
  }
};
using Stream = std::unique_ptr<std::FILE, StreamClose>;

/// One record.
struct Record {
  int link_type = 0;             ///< DLT_...
  std::uint32_t wire_bytes = 0;  ///< of the frame, before it was snapped
  std::span<const std::uint8_t> captured;  ///< valid until the next record
  std::chrono::nanoseconds time{};         ///< since the epoch
};

/// A value, or what is wrong with the file.
template <class T>
using Found = std::expected<T, std::string>;

class RecordSource {
 public:
  virtual ~RecordSource() = default;
  /// The DLT_... of all records; nothing where each may have its own.
  [[nodiscard]] virtual std::optional<int> link_type() const { return {}; }
  /// The next record into `record`; false at the end of the file. What is
  /// wrong with the file is wrong for good: not to be called again after that.
  [[nodiscard]] virtual Found<bool> next(Record& record) = 0;
};

/// Reads the classic format, of either byte order, in micro- or nanoseconds.
[[nodiscard]] Found<std::unique_ptr<RecordSource>> open_pcap(Stream stream);
/// Reads pcapng; any mixture of sections, interfaces and byte orders.
[[nodiscard]] Found<std::unique_ptr<RecordSource>> open_pcapng(Stream stream);
/// First byte of a pcapng file, and of none in the classic format.
inline constexpr int kPcapngFirstByte = 0x0a;
inline constexpr const char* kUnknownFormat = "it is no capture";

}  // namespace xdpgate
