// SPDX-License-Identifier: GPL-2.0-only
// The policy language as a JSON Schema, for editors that complete and check
// YAML while it is written. Made of the tables that drive check().
#pragma once

#include <nlohmann/json.hpp>

namespace xdpgate {

/// A schema (draft 7) that every sound policy satisfies. It knows keys, words
/// and numbers; what it cannot know (names of sets, host bits, contradictions)
/// check() finds.
[[nodiscard]] nlohmann::ordered_json policy_schema();

}  // namespace xdpgate
