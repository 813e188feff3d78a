// SPDX-License-Identifier: GPL-2.0-only
// Rows of words below each other.
#pragma once

#include <string>
#include <vector>

namespace xdpgate {

/// Columns as wide as their widest cell (in characters of UTF-8), all to the
/// left, two blanks between them, `indent` before the first. One line a row.
[[nodiscard]] std::string columns(
    const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

}  // namespace xdpgate
