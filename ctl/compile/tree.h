// SPDX-License-Identifier: GPL-2.0-only
// Cut trees over boxes: the classifier proper. docs/architecture.md, "The
// image", says what a tree is; the builder's choices are explained in
// tree.cpp and cut.cpp.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "compile/service_table.h"

namespace xdpgate {

/// A box of a rule as the trees see it: 24 bytes, since there may be millions.
struct Box {
  std::uint32_t src = 0;       ///< agrees with the key above src_shift
  std::uint32_t dst = 0;
  std::uint32_t rule = 0;
  std::uint32_t service = 0;
  std::uint8_t src_shift = 32;  ///< 0..32
  std::uint8_t dst_shift = 32;
  bool decides = true;          ///< false: a count rule's
};

/// The trees of one kind of packet.
struct Forest {
  std::vector<xg_group> groups;
  std::uint32_t fallback = XG_NO_RULE;  ///< takes all that the trees leave
  std::uint32_t worst_steps = 0;  ///< cuts + records of all trees + fallback
};

/// The node and leaf sections that the trees of all kinds share.
struct TreeSections {
  std::vector<std::uint32_t> nodes;  ///< nodes[0..3] unused: 0 is "none"
  std::vector<xg_leaf> leaves;       ///< leaves[0] unused
  std::uint32_t leaf_max = 0;        ///< records of the longest leaf
  std::uint32_t leaf_max_rule = 0;   ///< the first rule in it
};

/// Builds the trees of packets of `kind` over `boxes`, sorted by rule, into
/// `sections`. Error: the nodes or leaves outgrow what a node can address.
[[nodiscard]] Result<Forest> build_forest(xg_kind kind,
                                          const std::vector<Box>& boxes,
                                          const ServiceTable& services,
                                          TreeSections& sections);

}  // namespace xdpgate
