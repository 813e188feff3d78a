// SPDX-License-Identifier: GPL-2.0-only
// What is wrong with a command line, in one line that says what was meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace xdpgate {

/// Ends a run whose arguments `app` did not take: help and version go to
/// standard output (kDone), everything else is explained on standard error
/// (kUsage).
int explain_usage(const CLI::App& app, const CLI::ParseError& error);

/// Takes one of `words`; an error names them, and the nearest one.
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> words);

/// Makes `option`, of a number of seconds, take "1s", "500ms" or "1m".
void takes_pause(CLI::Option* option);

}  // namespace xdpgate
