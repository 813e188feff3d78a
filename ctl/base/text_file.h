// SPDX-License-Identifier: GPL-2.0-only
// Whole files as text, with a limit: a device that never ends is a mistake,
// not a policy. And small files written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xdpgate {

/// The hint where a file cannot be made.
inline constexpr const char* kWhereToWrite =
    "name a file in a folder that is there and that you may write to";

/// The first `max_bytes` of `path` ("-": standard input), or all there is.
[[nodiscard]] Result<std::string> read_text_start(const std::string& path,
                                                  std::size_t max_bytes);

/// All of `path` ("-": standard input); an error beyond `max_bytes`.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path,
                                                 std::size_t max_bytes);

/// Writes `text` to `path`, over what was there. Error: it cannot be written,
/// or not all of it.
[[nodiscard]] Result<void> write_text_file(const std::string& path,
                                           std::string_view text);

}  // namespace xdpgate
