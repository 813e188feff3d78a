// SPDX-License-Identifier: GPL-2.0-only
// nftables: `nft -j list ruleset`.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "import/draft.h"

namespace xdpgate {

/// Turns one base chain of the ruleset `json` and the chains that it jumps to
/// into a policy. `chain`: "inet filter input", or empty where there is only
/// one that sees packets as they come in (ingress, prerouting, input). What
/// cannot be said is left out and told; a complaint where there is no policy.
[[nodiscard]] Parsed<Draft> import_nft(std::string_view json,
                                       const std::string& chain);

}  // namespace xdpgate
