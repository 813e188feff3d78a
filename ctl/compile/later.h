// SPDX-License-Identifier: GPL-2.0-only
// Which trees a search has yet to visit behind a leaf record: those with a
// better box that meets the record's. Built beside the trees, by tree.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compile/cut.h"
#include "compile/tree.h"

namespace xdpgate {

/// What is remembered of a tree while it is built.
struct TreeTrace {
  std::uint32_t root = 0;        ///< its node
  std::uint32_t best = 0;        ///< the least rule in it
  std::size_t leaves_begin = 0;  ///< its records in TreeSections::leaves
  std::size_t leaves_end = 0;
};

/// What marking needs to know beside the sections themselves.
struct LaterQuery {
  const std::vector<Box>& boxes;
  std::span<const ServiceInfo> services;
  std::span<const TreeTrace> trees;          ///< in the order of the search
  std::span<const std::uint32_t> best;       ///< least rule below a node
  std::span<const std::uint32_t> leaf_boxes; ///< box of a leaf record
};

/// Sets the XG_LEAF_LATER bits of the records of `sections`. A tree in which a
/// box would take long to look up is visited.
void mark_later(const LaterQuery& query, TreeSections& sections);

}  // namespace xdpgate
