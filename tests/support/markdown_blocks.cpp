// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/markdown_blocks.h"

#include <sstream>
#include <string_view>

#include "tests/support/markdown_table.h"

namespace xdpgate::test {
namespace {

constexpr std::string_view kFence = "```";
constexpr std::string_view kFile = "<!-- file: ";
constexpr std::string_view kEnd = " -->";

std::string file_in(std::string_view line) {
  if (!line.starts_with(kFile) || !line.ends_with(kEnd)) return "";
  line.remove_prefix(kFile.size());
  line.remove_suffix(kEnd.size());
  return std::string(line);
}

}  // namespace

std::vector<Block> blocks_of(const std::string& path) {
  std::vector<Block> blocks;
  std::istringstream text(read_source(path));
  std::string above;
  bool open = false;
  int number = 0;
  for (std::string line; std::getline(text, line); above = line) {
    ++number;
    if (line.starts_with(kFence)) {
      open = !open;
      if (open) {
        blocks.push_back(
            {line.substr(kFence.size()), file_in(above), "", number});
      }
    } else if (open) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

}  // namespace xdpgate::test
