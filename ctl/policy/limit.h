// SPDX-License-Identifier: GPL-2.0-only
// Rates and amounts as text and as the token bucket that they stand for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "policy/policy.h"

namespace xdpgate {

/// Packets, or bytes.
struct Amount {
  std::uint64_t count = 0;
  bool bytes = false;
};

/// An amount a period.
struct Rate {
  Amount amount;
  std::uint64_t period_ns = 0;
};

/// `4000`, `1MB`, `512KiB`, `100Mbit`. At least one packet or byte.
[[nodiscard]] Parsed<Amount> parse_amount(std::string_view text);
/// An amount, `/`, and s, m, h or d: `2000/s`, `10MB/s`, `5/m`.
[[nodiscard]] Parsed<Rate> parse_rate(std::string_view text);

/// "2000/s", "10000000B/s": reads back as the same.
[[nodiscard]] std::string rate_text(const Limit& limit);

/// What a packet (or a byte, of a limit in bytes) takes from its bucket, in
/// 1/XG_LIMIT_UNITS ns of refilling, rounded down.
[[nodiscard]] std::uint64_t limit_cost(const Limit& limit);
/// What a full bucket holds, in the same unit.
[[nodiscard]] std::uint64_t limit_depth(const Limit& limit);

}  // namespace xdpgate
