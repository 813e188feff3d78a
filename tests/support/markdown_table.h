// SPDX-License-Identifier: GPL-2.0-only
// Tables of our documents, so that what they promise can be held against the
// truth.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xdpgate::test {

/// The cells of one line of a table, without blanks and code marks around
/// them.
using TableRow = std::vector<std::string>;

/// A file of the source tree; throws std::runtime_error where there is none.
[[nodiscard]] std::string read_source(const std::string& path);

/// Rows of the tables in the document at `path` (from the source folder) whose
/// first cell ends with `suffix`.
[[nodiscard]] std::vector<TableRow> table_rows(const std::string& path,
                                               std::string_view suffix);

}  // namespace xdpgate::test
