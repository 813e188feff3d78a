// SPDX-License-Identifier: GPL-2.0-only
// Is it text at all? The YAML library takes byte 4 for the end of the file,
// guesses at UTF-16 and passes broken UTF-8 on, so that is settled before it.
#pragma once

#include <optional>
#include <string_view>

#include "rulefile/refusal.h"

namespace xdpgate {

/// The first byte of `text` that no policy can contain: control characters
/// except tab and line ends, what is not UTF-8, and YAML directives (`%` at
/// the start of a line), which the library reads into unbounded memory.
[[nodiscard]] std::optional<Refusal> find_bad_byte(std::string_view text);

}  // namespace xdpgate
