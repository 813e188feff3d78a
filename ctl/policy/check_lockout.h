// SPDX-License-Identifier: GPL-2.0-only
// `default: drop` with no rule that lets ARP or neighbour discovery through:
// the host would fall silent.
#pragma once

#include "policy/check_context.h"
#include "policy/policy.h"

namespace xdpgate {

/// Warns at `at`, the value of `default`, where no `pass` rule of `policy` can
/// match ARP, or neighbour solicitations and advertisements. Never a false
/// alarm: a rule that may match one of them in any state counts as one.
void warn_lockout(Context& context, const Policy& policy, const Node& at);

}  // namespace xdpgate
