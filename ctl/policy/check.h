// SPDX-License-Identifier: GPL-2.0-only
// RuleFile -> Policy: what the words mean, and everything that is wrong with
// them. docs/architecture.md, "What a rule means".
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "policy/policy.h"
#include "rulefile/rule_file.h"

namespace xdpgate {

/// Most errors reported of one policy file; what is behind them is not checked.
constexpr std::size_t kMaxPolicyErrors = 10'000;
/// Most wrong lines reported of one set file, and most that are counted.
constexpr std::size_t kMaxSetFileErrors = 20;
constexpr std::size_t kMaxSetFileCounted = 10'000;
/// Longest set file, in bytes.
constexpr std::size_t kMaxSetFileBytes = 512u << 20;

/// Fetches the text of a set file.
using ReadText = std::function<Result<std::string>(const std::string& path)>;

/// Checks `file`. Every error goes to `diagnostics`; the result is empty
/// exactly when there was one. Set files are taken from `read_text`, relative
/// paths beginning at the folder of `file`. Warnings: unused sets. (What rules
/// mean together is looked at in ctl/analyze.) `tests` (may be null) gets the
/// policy's tests also where there are errors: their packets are yet to be read.
[[nodiscard]] std::optional<Policy> check(
    const RuleFile& file, const ReadText& read_text, Diagnostics& diagnostics,
    std::vector<PolicyTest>* tests = nullptr);

}  // namespace xdpgate
