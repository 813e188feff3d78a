// SPDX-License-Identifier: GPL-2.0-only
// xdp-filter: what `xdp-filter status` prints.
#pragma once

#include <string_view>

#include "base/text.h"
#include "import/draft.h"

namespace xdpgate {

/// Turns the ports, addresses and MACs of `status` into a policy for the
/// interfaces that it names. What cannot be said is left out and told.
[[nodiscard]] Parsed<Draft> import_xdp_filter(std::string_view status);

}  // namespace xdpgate
