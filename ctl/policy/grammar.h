// SPDX-License-Identifier: GPL-2.0-only
// The keys and words of the language as its readers know them: the same arrays,
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
/// Of a rule's `limit`, `ban` and `log`.
[[nodiscard]] std::span<const std::string_view> limit_keys();
[[nodiscard]] std::span<const std::string_view> ban_keys();
[[nodiscard]] std::span<const std::string_view> log_keys();
/// Of a `payload`.
[[nodiscard]] std::span<const std::string_view> payload_keys();

/// The words that may stand behind keys, in the order of the enums that they
/// become: `mode`, `default`, `malformed`, `action`, `over`, `expect`, a set's
/// `type`, a payload's `at`; and behind those that are true or false.
inline constexpr std::string_view kModeWords[] = {"auto", "native", "generic"};
inline constexpr std::string_view kDefaultWords[] = {"pass", "drop"};
inline constexpr std::string_view kMalformedWords[] = {"pass", "drop", "match"};
inline constexpr std::string_view kActionWords[] = {"pass", "drop", "count",
                                                    "reject", "redirect"};
inline constexpr std::string_view kOverWords[] = {"pass", "drop", "count",
                                                  "reject"};
inline constexpr std::string_view kVerdictWords[] = {"pass", "drop", "reject",
                                                     "redirect"};
inline constexpr std::string_view kSetTypeWords[] = {"address", "port"};
inline constexpr std::string_view kBaseWords[] = {"ether", "ip", "l4", "data"};
inline constexpr std::string_view kBooleanWords[] = {"false", "true"};

}  // namespace xdpgate
