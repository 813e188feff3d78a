// SPDX-License-Identifier: GPL-2.0-only
// Completion scripts for shells, made of the table of commands.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace xdpgate {

/// A script for bash: commands, their options, and files.
[[nodiscard]] std::string bash_completion(const CLI::App& app);
/// The same for zsh and fish, with descriptions.
[[nodiscard]] std::string zsh_completion(const CLI::App& app);
[[nodiscard]] std::string fish_completion(const CLI::App& app);

}  // namespace xdpgate
