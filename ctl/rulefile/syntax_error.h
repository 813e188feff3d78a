// SPDX-License-Identifier: GPL-2.0-only
// The YAML library's complaints in words that say what to change.
#pragma once

#include <yaml-cpp/exceptions.h>

#include <string_view>

#include "rulefile/refusal.h"
#include "rulefile/tree_builder.h"

namespace xdpgate {

/// What `error`, thrown while `builder` took events of `source`, means to the
/// writer of the file.
[[nodiscard]] Refusal explain_syntax_error(const YAML::Exception& error,
                                           std::string_view source,
                                           const TreeBuilder& builder);

}  // namespace xdpgate
