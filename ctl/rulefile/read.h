// SPDX-License-Identifier: GPL-2.0-only
// text -> RuleFile. Any bytes are safe to read: what is not a policy ends in
// one positioned error, within the limits below.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "rulefile/rule_file.h"

namespace xdpgate {

/// Longest policy file, in bytes.
constexpr std::size_t kMaxPolicyBytes = 256u << 20;
/// Deepest nesting of lists and maps; a policy needs about eight.
constexpr std::size_t kMaxPolicyDepth = 64;
/// Most values (scalars, lists, maps) of a file, aliases written out.
constexpr std::size_t kMaxPolicyValues = 20'000'000;
/// Most YAML tokens of one list or map in brackets or braces. The YAML library
/// holds such a one in memory as a whole, at some 100 bytes a token.
constexpr std::size_t kMaxFlowTokens = 8'000'000;

/// Reads the YAML `text` of the file called `path`. A syntax error goes to
/// `diagnostics`; then the result is empty.
[[nodiscard]] std::optional<RuleFile> read_rule_file(std::string text,
                                                     std::string path,
                                                     Diagnostics& diagnostics);

}  // namespace xdpgate
