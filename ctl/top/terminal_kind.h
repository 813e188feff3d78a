// SPDX-License-Identifier: GPL-2.0-only
// Apart from terminal.h, since <term.h> makes macros of words like `lines`.
#pragma once

namespace xdpgate {

/// Whether terminfo knows the kind of standard output's terminal ($TERM).
[[nodiscard]] bool knows_terminal();

}  // namespace xdpgate
