// SPDX-License-Identifier: GPL-2.0-only
// Spans of time as text, both ways: `10m`, `1h30m`, `500ms`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"

namespace xdpgate {

inline constexpr std::uint64_t kSecondNs = 1'000'000'000;
inline constexpr std::uint64_t kLongestDurationNs =
    3'650 * 86'400 * kSecondNs;  ///< ten years

/// Nanoseconds of one or more numbers, each with its unit (ms, s, m, h, d, w),
/// the larger unit first. More than none, at most ten years.
[[nodiscard]] Parsed<std::uint64_t> parse_duration(std::string_view text);

/// The two largest units of a span, rounded up to a second: "59m58s", "2d".
[[nodiscard]] std::string duration_text(std::uint64_t ns);

}  // namespace xdpgate
