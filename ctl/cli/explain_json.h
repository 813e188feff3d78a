// SPDX-License-Identifier: GPL-2.0-only
// An explanation as JSON (contract, section 3).
#pragma once

#include <cstddef>

#include "cli/json.h"
#include "explain/explanation.h"

namespace xdpgate {

/// {"packet", "verdict", "rule", "class", "fields", "offsets", "tried",
/// "rules_tried", "counted", "asked"}, with the `shown` rules that came
/// closest, at most, beside those that matched. Verdict and rule are the
/// evaluator's.
[[nodiscard]] Json to_json(const Policy& policy, const Explanation& explanation,
                           std::size_t shown);

}  // namespace xdpgate
