// SPDX-License-Identifier: GPL-2.0-only
// The entry program, not loaded yet: by itself or by libxdp.
#pragma once

#include <memory>

#include "base/result.h"

struct bpf_program;
struct filter;  // the skeleton, generated/filter.skel.h

namespace xdpgate {

struct DestroyFilter {
  void operator()(filter* skeleton) const;
};

/// Programs that call each other by an array must have been loaded for the same
/// kind of attachment, and one behind a dispatcher can say none: so none does.
void set_attach_type(bpf_program* program);

/// With the maps that it needs, and no other program.
[[nodiscard]] Result<std::unique_ptr<filter, DestroyFilter>>
open_entry_skeleton();

}  // namespace xdpgate
