// SPDX-License-Identifier: GPL-2.0-only
// Writes pcapng (draft-ietf-opsawg-pcapng): Ethernet frames of several
// interfaces, with nanoseconds and a comment each, to a file or as they come to
// whoever reads a pipe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xdpgate {

/// One frame to write; its views belong to the caller.
struct PcapngFrame {
  std::uint32_t interface = 0;            ///< as add_interface() said
  std::chrono::nanoseconds time{};        ///< since the epoch, not before it
  std::uint32_t wire_bytes = 0;           ///< of the whole frame
  std::span<const std::uint8_t> head;     ///< what there is of it
  std::string_view comment;               ///< empty: none
};

/// One pcapng section; move-only.
class PcapngWriter {
 public:
  /// Creates or truncates `path`; "-" is standard output. `application` names
  /// who has written it.
  [[nodiscard]] static Result<PcapngWriter> create(
      const std::string& path, std::string_view application);
  PcapngWriter(PcapngWriter&&) noexcept;
  PcapngWriter& operator=(PcapngWriter&&) noexcept;
  ~PcapngWriter();

  /// Describes an interface; the number that its frames name it by, from 0.
  /// Some readers want one before they take a file at all.
  [[nodiscard]] Result<std::uint32_t> add_interface(std::string_view name,
                                                    std::uint32_t snap_bytes);
  [[nodiscard]] Result<void> write(const PcapngFrame& frame);
  /// Says at the end how many frames interface 0 stands for were lost.
  [[nodiscard]] Result<void> write_losses(std::uint64_t received,
                                          std::uint64_t lost);
  /// Hands all that was written to the reader. Error: EPIPE, where a pipe's
  /// reader has gone, as a cause of "Broken pipe".
  [[nodiscard]] Result<void> flush();
  /// Whether an error was that of a pipe without a reader.
  [[nodiscard]] bool reader_is_gone() const;

 private:
  struct Impl;
  explicit PcapngWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xdpgate
