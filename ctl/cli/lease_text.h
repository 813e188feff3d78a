// SPDX-License-Identifier: GPL-2.0-only
// A policy that waits to be confirmed, or has waited, in words and as JSON.
#pragma once

#include <optional>
#include <string>

#include "bpf/instance.h"
#include "cli/json.h"

namespace xdpgate {

/// One line without its end.
[[nodiscard]] std::string lease_text(const LeaseStatus& lease);

/// {"state", "generation", "before", "length_s", "remaining_s"}, or "since_s"
/// in the place of the last where it is over; null where there is none.
[[nodiscard]] Json to_json(const std::optional<LeaseStatus>& lease);

/// Prints a note on standard error where the instance has a lease to speak of;
/// what cannot be read is left to others to complain of.
void note_lease(const std::string& instance);

}  // namespace xdpgate
