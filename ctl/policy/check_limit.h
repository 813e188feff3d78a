// SPDX-License-Identifier: GPL-2.0-only
// The keys of a rule that keep a memory: `limit`, `over` and `ban`.
#pragma once

#include <optional>

#include "policy/check_context.h"
#include "policy/check_sets.h"
#include "policy/policy.h"

namespace xdpgate {

/// Reads `limit` and `over`; nothing where there is no limit, or an error.
[[nodiscard]] std::optional<Limit> read_limit(Context& context,
                                              const Field& limit,
                                              const Field& over);

/// Reads `ban`; nothing where there is none, or an error.
[[nodiscard]] std::optional<Ban> read_ban(Context& context, SetTable& sets,
                                          const Field& ban);

}  // namespace xdpgate
