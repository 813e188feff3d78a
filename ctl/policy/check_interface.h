// SPDX-License-Identifier: GPL-2.0-only
// Names of network interfaces. Whether there is one of the name is asked when
// the policy is applied, not here.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace xdpgate {

/// A name that the kernel could give to an interface: 1-15 bytes, no `/`, `:`
/// or blank, not "." or "..".
[[nodiscard]] Parsed<std::string> parse_interface_name(std::string_view text);

}  // namespace xdpgate
