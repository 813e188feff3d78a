// SPDX-License-Identifier: GPL-2.0-only
// policy file -> image, with everything that a command says on the way.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "base/result.h"
#include "cli/command.h"
#include "compile/image.h"
#include "policy/policy.h"

namespace xdpgate {

/// A policy and what it compiles to.
struct Compiled {
  Policy policy;
  Image image;
  double build_s = 0;  ///< reading, checking and compiling
};

/// The ifindex of an interface that a policy names; 0: none.
using IfindexOf =
    std::function<std::uint32_t(const Policy&, const std::string&)>;

/// Reads, checks and compiles `path`. Every finding goes to `diagnostics`,
/// also that no image holds the policy; the result is empty exactly when there
/// was an error. Fails where `path` cannot be read.
[[nodiscard]] Result<std::optional<Compiled>> load_image(
    const std::string& path, const IfindexOf& ifindex_of,
    Diagnostics& diagnostics);

/// load_image() with all findings printed to standard error; the exit code
/// where there is no image.
[[nodiscard]] std::expected<Compiled, ExitCode> load_image_or_say(
    const std::string& path, const IfindexOf& ifindex_of);

/// The same without an image, for those that only compare.
[[nodiscard]] std::expected<Policy, ExitCode> load_policy_or_say(
    const std::string& path);

/// Prints every finding to standard error, in file order; in colour on a
/// terminal.
void print_diagnostics(const Diagnostics& diagnostics);

}  // namespace xdpgate
