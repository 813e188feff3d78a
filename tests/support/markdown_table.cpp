// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/markdown_table.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace xdpgate::test {
namespace {

std::string bare(std::string_view cell) {
  constexpr std::string_view kAround = " `";
  const auto first = cell.find_first_not_of(kAround);
  if (first == std::string_view::npos) return "";
  return std::string(
      cell.substr(first, cell.find_last_not_of(kAround) + 1 - first));
}

TableRow cells_of(std::string_view line) {
  TableRow cells;
  while (line.starts_with('|')) {
    line.remove_prefix(1);
    const auto end = line.find('|');
    if (end == std::string_view::npos) break;
    cells.push_back(bare(line.substr(0, end)));
    line.remove_prefix(end);
  }
  return cells;
}

}  // namespace

std::string read_source(const std::string& path) {
  std::ifstream file(XG_SOURCE_DIR "/" + path, std::ios::binary);
  if (!file) throw std::runtime_error("no file " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<TableRow> table_rows(const std::string& path,
                                 std::string_view suffix) {
  std::vector<TableRow> rows;
  std::istringstream text(read_source(path));
  for (std::string line; std::getline(text, line);) {
    TableRow cells = cells_of(line);
    if (!cells.empty() && cells[0].ends_with(suffix)) {
      rows.push_back(std::move(cells));
    }
  }
  return rows;
}

}  // namespace xdpgate::test
