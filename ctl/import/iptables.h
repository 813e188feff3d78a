// SPDX-License-Identifier: GPL-2.0-only
// iptables: what `iptables-save` and `ip6tables-save` print.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "import/draft.h"
#include "policy/policy.h"

namespace xdpgate {

/// Turns a chain of the table `filter` (empty: INPUT) and the chains that it
/// jumps to into a policy. The family is that of `family`, else the one that
/// the first comment names. What cannot be said is left out and told.
[[nodiscard]] Parsed<Draft> import_iptables(std::string_view text,
                                            const std::string& chain,
                                            std::optional<Family> family);

}  // namespace xdpgate
