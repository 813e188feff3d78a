// SPDX-License-Identifier: GPL-2.0-only
// Elements of dynamic sets as a command gets them: words, or a set file.
#pragma once

#include <xdpgate/abi.h>

#include <expected>
#include <string>
#include <vector>

#include "cli/command.h"

namespace xdpgate {

/// The hosts and prefixes that `words` are (a range is several). What is wrong
/// goes to standard error.
[[nodiscard]] std::expected<std::vector<xg_element>, ExitCode> elements_of_words(
    const std::vector<std::string>& words);

/// Those of the set file `path` ("-": standard input).
[[nodiscard]] std::expected<std::vector<xg_element>, ExitCode> elements_of_file(
    const std::string& path);

}  // namespace xdpgate
