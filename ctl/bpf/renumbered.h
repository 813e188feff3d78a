// SPDX-License-Identifier: GPL-2.0-only
// Whether the interfaces that an image knows by index are still those.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compile/image.h"

namespace xdpgate {

/// Interfaces of this namespace that the image's rules name and that have, by
/// now, another index than it was compiled for: they match nothing.
[[nodiscard]] Result<std::vector<std::string>> renumbered_interfaces(
    const ImageView& image);

}  // namespace xdpgate
