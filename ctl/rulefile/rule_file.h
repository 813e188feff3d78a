// SPDX-License-Identifier: GPL-2.0-only
// A policy as written: scalars, lists and maps with their places in the file.
// Made by read_rule_file(), consumed by check(). It has no opinion on what the
// words mean; the folder is the only one that knows the YAML library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace xdpgate {

enum class NodeKind : std::uint8_t { kNull, kScalar, kList, kMap };

/// One value of a file. Its text or children are asked for at the RuleFile
/// that it lives in.
struct Node {
  /// First character. Of a null: of the key or dash that lacks a value. Of an
  /// alias: of the alias (its children keep the places where they stand).
  Position at;
  NodeKind kind = NodeKind::kNull;
  bool in_flow = false;     ///< a list or map in brackets or braces
  std::uint32_t first = 0;  ///< first child, or offset of the text
  std::uint32_t size = 0;   ///< children (a map: two an entry), or bytes
};

/// A whole file. Copies of an aliased value share their children.
class RuleFile {
 public:
  /// For the reader: `root` and the storage that it and its children live in.
  RuleFile(std::string path, std::string source, Node root,
           std::vector<Node> nodes, std::string text);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// The file, byte for byte.
  [[nodiscard]] const std::string& source() const { return source_; }
  /// The top value; null where the file has none.
  [[nodiscard]] const Node& root() const { return root_; }

  /// The text of a scalar, without quotes and escapes; empty for others.
  [[nodiscard]] std::string_view text(const Node& node) const;
  /// The items of a list; empty for others.
  [[nodiscard]] std::span<const Node> items(const Node& node) const;
  /// Number of entries of a map, in the order of the file; 0 for others.
  [[nodiscard]] std::size_t entries(const Node& node) const;
  [[nodiscard]] const Node& key(const Node& map, std::size_t entry) const;
  [[nodiscard]] const Node& value(const Node& map, std::size_t entry) const;

 private:
  std::string path_;
  std::string source_;
  Node root_;
  std::vector<Node> nodes_;
  std::string text_;
};

}  // namespace xdpgate
