// SPDX-License-Identifier: GPL-2.0-only
// Fenced blocks of our documents: policies that a test checks, transcripts
// that a test plays again.
#pragma once

#include <string>
#include <vector>

namespace xdpgate::test {

/// What stands between two fences.
struct Block {
  std::string kind;  ///< behind the opening fence: "yaml", "console"
  std::string file;  ///< of `<!-- file: NAME -->` on the line above, or empty
  std::string text;
  int line = 0;  ///< of the opening fence
};

/// All blocks of the document at `path` (from the source folder), in order.
[[nodiscard]] std::vector<Block> blocks_of(const std::string& path);

}  // namespace xdpgate::test
