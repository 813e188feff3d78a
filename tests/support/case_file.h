// SPDX-License-Identifier: GPL-2.0-only
// Tables of tests in text files, where what goes in and what comes out need no
// escapes:
//
//   === name of the case
//   what goes in
//   >>>
//   what comes out
//
// Blank lines at the end of either part do not count.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace xdpgate::test {

struct FileCase {
  std::string name;  ///< letters, digits, underscores
  std::string input;
  std::string expect;
};

/// So that a failing test names its case.
void PrintTo(const FileCase& file_case, std::ostream* out);

/// The cases of `path`, which is relative to tests/. Throws where there are
/// none.
[[nodiscard]] std::vector<FileCase> read_cases(const std::string& path);

}  // namespace xdpgate::test
