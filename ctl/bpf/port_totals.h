// SPDX-License-Identifier: GPL-2.0-only
// Totals an interface, of an instance that runs on several.
#pragma once

#include <xdpgate/ports.h>

#include <array>
#include <cstdint>

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

/// By enum xg_verdict.
using PortTotals = std::array<xg_counter, XG_VERDICTS>;

/// The map of a new instance, or of one that was made before there was one.
[[nodiscard]] Result<Fd> make_ports();
/// What came in by an interface since clear_port().
[[nodiscard]] Result<PortTotals> port_totals(int ports_fd,
                                             std::uint32_t ifindex);
/// Before an interface that does not carry the filter yet is attached to.
[[nodiscard]] Result<void> clear_port(int ports_fd, std::uint32_t ifindex);

}  // namespace xdpgate
