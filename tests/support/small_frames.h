// SPDX-License-Identifier: GPL-2.0-only
// The frames of exhaustive tests: every kind of header, every packet class,
// and each header field at the edges of what small_matches() asks for.
#pragma once

#include <vector>

#include "policy/packet.h"

namespace xdpgate::test {

/// All of them, as the evaluator reads them, in by i0, i1 and other interfaces
/// in turn. Their bytes live as long as the process.
[[nodiscard]] const std::vector<Packet>& small_packets();

}  // namespace xdpgate::test
