// SPDX-License-Identifier: GPL-2.0-only
// The entry program, not loaded yet: by itself or by libxdp.
#pragma once

#include <memory>

#include "base/result.h"

struct filter;  // the skeleton, generated/filter.skel.h

namespace xdpgate {

struct DestroyFilter {
  void operator()(filter* skeleton) const;
};

/// With the maps that it needs, and no other program.
[[nodiscard]] Result<std::unique_ptr<filter, DestroyFilter>>
open_entry_skeleton();

}  // namespace xdpgate
