// SPDX-License-Identifier: GPL-2.0-only
// A capture as a reader finds it, in words. For this folder.
#pragma once

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "base/fd.h"
#include "pcap/capture.h"

namespace xdpgate::test {

struct ReadBack {
  std::vector<Frame> frames;
  std::string error;  ///< Error::line() with `F` for the path; empty: none
};

inline std::string without_path(std::string text, const std::string& path) {
  for (auto at = text.find(path); at != std::string::npos;
       at = text.find(path)) {
    text.replace(at, path.size(), "F");
  }
  return text;
}

inline ReadBack read_path(const std::string& path) {
  ReadBack result;
  auto reader = CaptureReader::open(path);
  if (!reader) {
    result.error = without_path(reader.error().line(), path);
    return result;
  }
  for (Frame frame;;) {
    auto more = reader->next(frame);
    if (!more) result.error = without_path(more.error().line(), path);
    if (!more || !*more) return result;
    result.frames.push_back(frame);
  }
}

/// Reads `bytes` as a file that is in no folder.
template <class Bytes>
ReadBack read_bytes(const Bytes& bytes) {
  const Fd file(::memfd_create("capture", MFD_CLOEXEC));
  const auto written = ::write(file.get(), std::data(bytes), std::size(bytes));
  if (written != static_cast<ssize_t>(std::size(bytes))) {
    throw std::runtime_error("cannot write a capture");
  }
  return read_path(fmt::format("/proc/self/fd/{}", file.get()));
}

/// "1: 42/60 at 1.000000002": number, captured, wire, time; one a line, and the
/// error at the end.
inline std::string text_of(const ReadBack& read) {
  std::string text;
  for (const Frame& frame : read.frames) {
    const auto ns = frame.time.count();
    text += fmt::format("{}: {}/{} at {}.{:09}\n", frame.number,
                        frame.captured_bytes, frame.bytes.size(),
                        ns / 1'000'000'000, ns % 1'000'000'000);
  }
  if (!read.error.empty()) text += read.error + "\n";
  return text;
}

}  // namespace xdpgate::test
