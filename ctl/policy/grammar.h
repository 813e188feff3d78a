// SPDX-License-Identifier: GPL-2.0-only
// The keys of the language's maps as its readers know them: the same arrays,
// for whoever describes the language. Match keys: check_match.h.
#pragma once

#include <span>
#include <string_view>

namespace xdpgate {

/// Of a policy, a rule, a set and a test.
[[nodiscard]] std::span<const std::string_view> policy_keys();
[[nodiscard]] std::span<const std::string_view> rule_keys();
[[nodiscard]] std::span<const std::string_view> set_keys();
[[nodiscard]] std::span<const std::string_view> test_keys();
/// Of a `payload`.
[[nodiscard]] std::span<const std::string_view> payload_keys();

}  // namespace xdpgate
