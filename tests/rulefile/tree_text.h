// SPDX-License-Identifier: GPL-2.0-only
// A RuleFile in words: one line a value, "LINE:COLUMN kind text", indented
// below what holds it; keys end with a colon. For this folder.
#pragma once

#include <fmt/format.h>

#include <string>

#include "base/text.h"
#include "rulefile/read.h"

namespace xdpgate::test {

inline std::string node_text(const RuleFile& file, const Node& node,
                             const std::string& indent, const char* end) {
  std::string text =
      fmt::format("{}{}:{} ", indent, node.at.line, node.at.column);
  const std::string inside = indent + "  ";
  switch (node.kind) {
    case NodeKind::kNull:
      return text + "nothing" + end;
    case NodeKind::kScalar:
      return text + in_quotes(file.text(node)) + end;
    case NodeKind::kList:
      text += std::string("list") + end;
      for (const Node& item : file.items(node)) {
        text += node_text(file, item, inside, "\n");
      }
      return text;
    case NodeKind::kMap:
      text += std::string("map") + end;
      for (std::size_t i = 0; i < file.entries(node); ++i) {
        text += node_text(file, file.key(node, i), inside, ":\n") +
                node_text(file, file.value(node, i), inside + "  ", "\n");
      }
  }
  return text;
}

/// The tree, or the error, of `input` as the file p.yaml.
inline std::string read_text(const std::string& input) {
  Diagnostics diagnostics;
  const auto file = read_rule_file(input, "p.yaml", diagnostics);
  if (file) return node_text(*file, file->root(), "", "\n");
  std::string text;
  for (const auto& finding : diagnostics.sorted())
    text += finding.text() + "\n";
  return text;
}

}  // namespace xdpgate::test
