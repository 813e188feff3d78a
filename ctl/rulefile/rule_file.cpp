// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/rule_file.h"

#include <utility>

namespace xdpgate {

RuleFile::RuleFile(std::string path, std::string source, Node root,
                   std::vector<Node> nodes, std::string text)
    : path_(std::move(path)),
      source_(std::move(source)),
      root_(root),
      nodes_(std::move(nodes)),
      text_(std::move(text)) {}

std::string_view RuleFile::text(const Node& node) const {
  if (node.kind != NodeKind::kScalar) return {};
  return std::string_view(text_).substr(node.first, node.size);
}

std::span<const Node> RuleFile::items(const Node& node) const {
  if (node.kind != NodeKind::kList) return {};
  return std::span(nodes_).subspan(node.first, node.size);
}

std::size_t RuleFile::entries(const Node& node) const {
  return node.kind == NodeKind::kMap ? node.size / 2 : 0;
}

const Node& RuleFile::key(const Node& map, std::size_t entry) const {
  return nodes_[map.first + 2 * entry];
}

const Node& RuleFile::value(const Node& map, std::size_t entry) const {
  return nodes_[map.first + 2 * entry + 1];
}

}  // namespace xdpgate
