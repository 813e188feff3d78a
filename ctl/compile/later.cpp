// SPDX-License-Identifier: GPL-2.0-only
// A box is looked up in the trees behind its own like a packet, only that it
// may reach many children. Subtrees whose best rule is no better are skipped.
#include "compile/later.h"

#include <algorithm>

namespace xdpgate {
namespace {

constexpr unsigned kMaxVisits = 2048;  // children looked at for one box

bool prefixes_meet(std::uint32_t a, unsigned a_open, std::uint32_t b,
                   unsigned b_open) {
  return (std::uint64_t{a ^ b} >> std::max(a_open, b_open)) == 0;
}

bool intervals_meet(const Interval<std::uint32_t>& a,
                    const Interval<std::uint32_t>& b) {
  return a.lo <= b.hi && b.lo <= a.hi;
}

bool ternaries_meet(const Ternary& a, const Ternary& b) {
  return ((a.value ^ b.value) & a.mask & b.mask) == 0;
}

// Tests are taken to allow it.
bool conditions_meet(const Condition& a, const Condition& b) {
  return intervals_meet(a.src_port, b.src_port) &&
         intervals_meet(a.dst_port, b.dst_port) &&
         ternaries_meet(a.proto, b.proto) && ternaries_meet(a.l4, b.l4);
}

Cut cut_of(std::uint32_t node, std::span<const std::uint32_t> nodes,
           std::uint32_t& base) {
  const std::uint32_t bits = node >> XG_NODE_BITS_SHIFT;
  if (bits == 0) {
    const std::size_t at = std::size_t{node & XG_NODE_ARG_MASK} * 4;
    base = nodes[at + 3] * 4;
    return {static_cast<std::uint8_t>(nodes[at]),
            static_cast<std::uint8_t>(nodes[at + 1]),
            static_cast<std::uint8_t>(nodes[at + 2])};
  }
  base = (node & XG_NODE_CHILD_MASK) * 4;
  return {static_cast<std::uint8_t>(node >> XG_NODE_WORD_SHIFT & 3),
          static_cast<std::uint8_t>(node >> XG_NODE_SHIFT_SHIFT & 31),
          static_cast<std::uint8_t>(bits)};
}

// Which later trees have a better box that meets a given one.
class Search {
 public:
  Search(const LaterQuery& query, const TreeSections& sections)
      : query_(query), sections_(sections) {}

  // Bit t - 1 for tree t.
  std::uint64_t better_behind(const Box& box, std::size_t tree) {
    std::uint64_t later = 0;
    for (std::size_t i = tree + 1; i < query_.trees.size(); ++i) {
      const TreeTrace& behind = query_.trees[i];
      visits_ = 0;
      if (behind.best < box.rule && better_below(box, behind.root)) {
        later |= std::uint64_t{1} << (i - 1);
      }
    }
    return later;
  }

 private:
  bool better_below(const Box& box, std::uint32_t node) {
    if (node == 0) return false;
    if (node >> XG_NODE_WORD_SHIFT == XG_NODE_LEAF) {
      return better_in_leaf(box, node);
    }
    std::uint32_t base = 0;
    const Cut cut = cut_of(node, sections_.nodes, base);
    ChildRanges ranges;
    reach(box, query_.services[box.service], Region{}, cut, ranges);
    for (const auto& [lo, hi] : ranges) {
      for (std::uint32_t child = base + lo; child <= base + hi; ++child) {
        if (++visits_ > kMaxVisits) return true;
        if (query_.best[child] >= box.rule) continue;
        if (better_below(box, sections_.nodes[child])) return true;
      }
    }
    return false;
  }

  bool better_in_leaf(const Box& box, std::uint32_t leaf) {
    for (std::size_t i = leaf;; ++i) {
      const Box& other = query_.boxes[query_.leaf_boxes[i]];
      if (other.rule >= box.rule) return false;
      if (++visits_ > kMaxVisits || meet(box, other)) return true;
      if (sections_.leaves[i].meta & XG_LEAF_LAST) return false;
    }
  }

  [[nodiscard]] bool meet(const Box& a, const Box& b) const {
    return prefixes_meet(a.src, a.src_shift, b.src, b.src_shift) &&
           prefixes_meet(a.dst, a.dst_shift, b.dst, b.dst_shift) &&
           conditions_meet(*query_.services[a.service].condition,
                           *query_.services[b.service].condition);
  }

  const LaterQuery& query_;
  const TreeSections& sections_;
  unsigned visits_ = 0;
};

}  // namespace

void mark_later(const LaterQuery& query, TreeSections& sections) {
  constexpr std::uint8_t kUnknown = 0xff;
  static_assert(kUnknown > XG_LEAF_LATER_MASK);
  Search search(query, sections);
  for (std::size_t tree = 0; tree < query.trees.size(); ++tree) {
    std::vector<std::uint8_t> known(query.boxes.size(), kUnknown);
    const TreeTrace& trace = query.trees[tree];
    for (std::size_t i = trace.leaves_begin; i < trace.leaves_end; ++i) {
      std::uint8_t& later = known[query.leaf_boxes[i]];
      if (later == kUnknown) {
        later = static_cast<std::uint8_t>(
            search.better_behind(query.boxes[query.leaf_boxes[i]], tree));
      }
      sections.leaves[i].meta |= std::uint64_t{later} << XG_LEAF_LATER_SHIFT;
    }
  }
}

}  // namespace xdpgate
