// SPDX-License-Identifier: GPL-2.0-only
// file -> policy, in one call: what every command starts with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "policy/policy.h"

namespace xdpgate {

/// The text of the policy at `path` ("-": standard input).
[[nodiscard]] Result<std::string> read_policy(const std::string& path);

/// Reads and checks the policy at `path` ("-": standard input) and the set
/// files it names. Every error of every file goes to `diagnostics`, in one
/// run; the result is empty exactly when there was one.
[[nodiscard]] std::optional<Policy> load_policy(const std::string& path,
                                                Diagnostics& diagnostics);

/// The same over text already in memory; `path` names it in diagnostics and
/// is what relative set files are relative to. `tests`: as check() has it.
[[nodiscard]] std::optional<Policy> parse_policy(
    const std::string& text, const std::string& path, Diagnostics& diagnostics,
    std::vector<PolicyTest>* tests = nullptr);

}  // namespace xdpgate
