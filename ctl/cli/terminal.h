// SPDX-License-Identifier: GPL-2.0-only
// Is somebody looking, and numbers and tables as people read them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace xdpgate {

/// Whether `stream` is a terminal.
[[nodiscard]] bool is_terminal(std::FILE* stream);
/// Whether `stream` takes colour: a terminal, and NO_COLOR is not set.
[[nodiscard]] bool has_colour(std::FILE* stream);

/// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "812 B", "4.2 KiB", "1.5 GiB".
[[nodiscard]] std::string byte_size(std::uint64_t bytes);
/// "42 s", "3 min", "5 h", "12 d".
[[nodiscard]] std::string age_text(std::uint64_t seconds);

/// Columns as wide as their widest cell, two blanks between them; the first
/// column to the left, the others to the right. One line a row.
[[nodiscard]] std::string table(
    const std::vector<std::vector<std::string>>& rows);

}  // namespace xdpgate
