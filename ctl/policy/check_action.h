// SPDX-License-Identifier: GPL-2.0-only
// What a rule does: `action` with `redirect`, and `log`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "policy/check_context.h"
#include "policy/policy.h"

namespace xdpgate {

/// An action as read; `interface` and `at` are those of kRedirect.
struct RuleAction {
  Action action = Action::kPass;
  std::string interface = {};
  Position at = {};
};

/// Reads `action: WORD`, `action: {redirect: IFACE}` or `redirect: IFACE`. No
/// value where what is written is wrong, which is reported, or where neither
/// field is there, which is for the caller to say.
[[nodiscard]] std::optional<RuleAction> read_action(Context& context,
                                                    const Field& action,
                                                    const Field& redirect);

/// Reads the value of `log`, {every: N}: N, 1 where it has none. No value where
/// it is wrong, which is reported.
[[nodiscard]] std::optional<std::uint32_t> read_log(Context& context,
                                                    const Node& node);

}  // namespace xdpgate
