// SPDX-License-Identifier: GPL-2.0-only
// What a killed `xdpgate capture` leaves: a ring that nobody reads.
#pragma once

#include "bpf/instance_dir.h"

namespace xdpgate {

/// Takes the ring of a reader that is no more away from the instance's programs,
/// and tells them to fill none; the kernel frees its memory then. A reader that
/// lives, or has only been stopped, keeps its own. Needs no lock. What cannot be
/// read is left as it is.
void clear_dead_reader(const InstanceDir& dir);

}  // namespace xdpgate
