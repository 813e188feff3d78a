// SPDX-License-Identifier: GPL-2.0-only
// Which leaf records end a search over several trees: those whose box no
// better box of a later tree meets. Built beside the trees, by tree.cpp.
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
struct FinalQuery {
  const std::vector<Box>& boxes;
  std::span<const ServiceInfo> services;
  std::span<const TreeTrace> trees;          ///< in the order of the search
  std::span<const std::uint32_t> best;       ///< least rule below a node
  std::span<const std::uint32_t> leaf_boxes; ///< box of a leaf record
};

/// Sets XG_LEAF_FINAL in the records of `sections` that deserve it. A box that
/// would take long to look up is left without.
void mark_final(const FinalQuery& query, TreeSections& sections);

}  // namespace xdpgate
