// SPDX-License-Identifier: GPL-2.0-only
// Where `xdpgate capture` puts packets: lines for a reader, pcapng for a tool.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "bpf/tap.h"

namespace xdpgate {

class CaptureOutput {
 public:
  virtual ~CaptureOutput() = default;
  [[nodiscard]] virtual Result<void> put(const TappedPacket& packet) = 0;
  /// What was put is to be seen by now.
  [[nodiscard]] virtual Result<void> flush() { return {}; }
  /// At the end: so many were put, and so many could not be had.
  [[nodiscard]] virtual Result<void> finish(std::uint64_t, std::uint64_t) {
    return flush();
  }
  /// Whether an error was that of a pipe without a reader.
  [[nodiscard]] virtual bool reader_is_gone() const { return false; }
};

/// A line a packet on standard output, or, `json`, an object a line.
[[nodiscard]] std::unique_ptr<CaptureOutput> make_line_output(bool json);

/// pcapng to `path` ("-": standard output), which knows the interfaces of
/// `instance` from its start on.
[[nodiscard]] Result<std::unique_ptr<CaptureOutput>> make_pcapng_output(
    const std::string& path, std::uint32_t snap_bytes,
    const std::string& instance);

}  // namespace xdpgate
