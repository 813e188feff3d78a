// SPDX-License-Identifier: GPL-2.0-only
// The builder: cut, hand every box to the children it reaches, share children
// with equal lists, stop at short lists. Boxes that a cut would copy into many
// children wait for the next tree.
#include "compile/tree.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <unordered_map>

#include "compile/cut.h"
#include "compile/later.h"
#include "compile/region.h"

namespace xdpgate {
namespace {

using List = std::vector<std::uint32_t>;

constexpr std::size_t kLeafBoxes = 4;       // not worth another cut
constexpr std::size_t kEvictFrom = 256;     // boxes of a tree
constexpr std::size_t kBudgetPerBox = 48;   // nodes + records, of the last tree
constexpr std::size_t kBudgetBase = 65536;
// Small trees may have cuts that are wide for their lists: few steps, and the
// whole still fits a cache.
constexpr std::size_t kWideNodes = 24'576;
constexpr std::size_t kLeastWidth = 2;
constexpr std::size_t kMostWidth = 64;
constexpr std::size_t kMaxNodes = std::size_t{XG_NODE_CHILD_MASK} * 4;
constexpr std::size_t kMaxLeaves = XG_NODE_ARG_MASK;

std::uint64_t hash_of(std::span<const std::uint32_t> list) {
  return XXH3_64bits(list.data(), list.size_bytes());
}

// The boxes of each child, one after the other.
struct Children {
  std::vector<std::uint32_t> start;  // of child c in items; one more at the end
  List items;
  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t child) const {
    return std::span(items).subspan(start[child],
                                    start[child + 1] - start[child]);
  }
};

class Builder {
 public:
  Builder(xg_kind kind, const std::vector<Box>& boxes,
          const ServiceTable& services, TreeSections& sections)
      : whole_(region_of(kind)),
        boxes_(boxes),
        infos_(service_infos(services)),
        sections_(sections) {
    if (sections_.nodes.empty()) sections_.nodes.resize(4);
    if (sections_.leaves.empty()) sections_.leaves.resize(1);
  }

  Result<Forest> build() {
    Forest forest;
    List list(boxes_.size());
    std::iota(list.begin(), list.end(), 0);
    forest.fallback = take_fallback(list);
    forest.worst_steps = forest.fallback != XG_NO_RULE;  // a look at it
    while (!list.empty()) {
      trees_.push_back(build_tree(list, trees_.size() + 1 == XG_MAX_GROUPS));
      forest.worst_steps += worst_;
      if (sections_.nodes.size() > kMaxNodes) return too_large("tree nodes");
      if (sections_.leaves.size() > kMaxLeaves) return too_large("leaf records");
      list = take_evicted();
    }
    mark_later({boxes_, infos_, trees_, best_, leaf_boxes_}, sections_);
    forest.groups = groups();
    return forest;
  }

 private:
  std::unexpected<Error> too_large(const char* what) const {
    return failure({"compile", "",
                    std::string("the rules need more ") + what +
                        " than an image can address",
                    "split the policy over several instances"});
  }

  TreeTrace build_tree(const List& list, bool last) {
    may_evict_ = !last && list.size() > kEvictFrom;
    budget_ = sections_.nodes.size() + sections_.leaves.size() + kBudgetBase +
              kBudgetPerBox * list.size();
    width_ = std::clamp(kWideNodes / list.size(), kLeastWidth, kMostWidth);
    worst_ = 0;
    leaf_at_.clear();  // what is visited later differs from tree to tree
    TreeTrace trace;
    trace.leaves_begin = sections_.leaves.size();
    leaf_boxes_.resize(trace.leaves_begin);
    trace.root = build_node(list, whole_, 0).value;
    trace.leaves_end = sections_.leaves.size();
    trace.best = boxes_[list.front()].rule;
    return trace;
  }

  // The first rule that takes every packet of the kind: nothing behind it is
  // ever met, and as a record it would stand in every leaf.
  std::uint32_t take_fallback(List& list) const {
    const auto takes_all = std::ranges::find_if(list, [&](auto number) {
      const Box& box = boxes_[number];
      return box.decides &&
             covers(box, *infos_[box.service].condition, whole_);
    });
    if (takes_all == list.end()) return XG_NO_RULE;
    const std::uint32_t rule = boxes_[*takes_all].rule;
    list.erase(takes_all, list.end());
    return rule;
  }

  [[nodiscard]] std::vector<xg_group> groups() const {
    std::vector<xg_group> groups(trees_.size());
    std::uint32_t best = XG_NO_RULE;
    for (std::size_t i = trees_.size(); i-- > 0;) {
      best = std::min(best, trees_[i].best);
      groups[i] = {trees_[i].root, best};
    }
    return groups;
  }

  List take_evicted() {
    std::sort(evicted_.begin(), evicted_.end());
    evicted_.erase(std::unique(evicted_.begin(), evicted_.end()),
                   evicted_.end());
    return std::exchange(evicted_, {});
  }

  // Boxes behind one that takes the whole region can never be met there.
  void drop_covered(List& list, const Region& region) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Box& box = boxes_[list[i]];
      if (!box.decides) continue;
      if (covers(box, *infos_[box.service].condition, region)) {
        list.resize(i + 1);
        return;
      }
    }
  }

  [[nodiscard]] bool over_budget() const {
    return sections_.nodes.size() + sections_.leaves.size() > budget_;
  }

  // A node, and the least rule below it.
  struct Built {
    std::uint32_t value = 0;
    std::uint32_t best = XG_NO_RULE;
  };

  Built build_node(List list, const Region& above, unsigned depth) {
    const Region region = asked_by_all(boxes_, infos_, list, above);
    drop_covered(list, region);
    if (list.size() <= kLeafBoxes || depth == XG_MAX_DEPTH || over_budget()) {
      return leaf(list, depth);
    }
    CutQuery query{boxes_, infos_, list, region, may_evict_, width_};
    auto cut = choose_cut(query);
    if (!cut && may_evict_) {  // too many would have to move: copy them
      query.may_evict = false;
      cut = choose_cut(query);
    }
    if (!cut) return leaf(list, depth);
    Children children = distribute(list, region, *cut, query.may_evict);
    const std::uint32_t best = boxes_[list.front()].rule;
    list = List();  // the recursion below is deep; do not keep it
    const std::uint32_t base = allocate(cut->children());
    build_children(children, region, *cut, depth, base);
    return {node_for(*cut, base), best};
  }

  Children distribute(List list, const Region& region, const Cut& cut,
                      bool may_evict) {
    if (may_evict) list = evict(list, region, cut);
    Children children;
    children.start.assign(cut.children() + 1, 0);
    deal(list, region, cut, [&](std::uint32_t child, std::uint32_t) {
      ++children.start[child + 1];
    });
    std::partial_sum(children.start.begin(), children.start.end(),
                     children.start.begin());
    children.items.resize(children.start.back());
    std::vector<std::uint32_t> next(children.start.begin(),
                                    children.start.end() - 1);
    deal(list, region, cut, [&](std::uint32_t child, std::uint32_t number) {
      children.items[next[child]++] = number;
    });
    return children;
  }

  // Moves the boxes that `cut` would copy too often; returns the others.
  List evict(const List& list, const Region& region, const Cut& cut) {
    List kept;
    ChildRanges ranges;
    for (std::uint32_t number : list) {
      const Box& box = boxes_[number];
      reach(box, infos_[box.service], region, cut, ranges);
      std::uint64_t copies = 0;
      for (const auto& [lo, hi] : ranges) copies += hi - lo + 1;
      (copies > kMaxCopies ? evicted_ : kept).push_back(number);
    }
    return kept;
  }

  // Calls `visit` with each child and each box that belongs there, box by box;
  // not with boxes behind one that covers the child.
  template <class Visit>
  void deal(const List& list, const Region& region, const Cut& cut,
            Visit visit) const {
    std::vector<bool> closed(cut.children(), false);
    ChildRanges ranges;
    for (std::uint32_t number : list) {
      const Box& box = boxes_[number];
      const ServiceInfo& service = infos_[box.service];
      reach(box, service, region, cut, ranges);
      const bool closes = box.decides && covers(box, *service.condition,
                                                region, cut.word);
      for (const auto& range : ranges) {
        for (auto child = range.lo; child <= range.hi; ++child) {
          if (closed[child]) continue;
          visit(child, number);
          closed[child] =
              closes && covers(box, *service.condition,
                               child_region(region, cut.word, cut.shift,
                                            cut.bits, child));
        }
      }
    }
  }

  // Room for `count` nodes, on a 16-byte boundary.
  std::uint32_t allocate(std::uint32_t count) {
    auto& nodes = sections_.nodes;
    nodes.resize((nodes.size() + 3) / 4 * 4);
    const auto base = static_cast<std::uint32_t>(nodes.size());
    nodes.resize(nodes.size() + count);
    best_.resize(nodes.size(), XG_NO_RULE);
    return base;
  }

  // Children with equal lists become one, whose region is what they share.
  void build_children(const Children& children, const Region& region,
                      const Cut& cut, unsigned depth, std::uint32_t base) {
    for (const List& members : equal_children(children, cut.children())) {
      const auto boxes = children.of(members[0]);
      const Built node = build_node(List(boxes.begin(), boxes.end()),
                                    narrowed(region, cut, members), depth + 1);
      for (std::uint32_t member : members) {
        sections_.nodes[base + member] = node.value;
        best_[base + member] = node.best;
      }
    }
  }

  // The children that are not empty, those with equal boxes together.
  static std::vector<List> equal_children(const Children& children,
                                          std::uint32_t count) {
    std::unordered_multimap<std::uint64_t, std::size_t> by_hash;
    std::vector<List> groups;
    for (std::uint32_t child = 0; child < count; ++child) {
      const auto boxes = children.of(child);
      if (boxes.empty()) continue;
      auto [begin, end] = by_hash.equal_range(hash_of(boxes));
      auto same = std::find_if(begin, end, [&](const auto& entry) {
        return std::ranges::equal(children.of(groups[entry.second][0]), boxes);
      });
      if (same != end) {
        groups[same->second].push_back(child);
        continue;
      }
      by_hash.emplace(hash_of(boxes), groups.size());
      groups.push_back({child});
    }
    return groups;
  }

  static Region narrowed(const Region& region, const Cut& cut,
                         const List& members) {
    std::uint32_t differ = 0;
    for (std::uint32_t member : members) differ |= member ^ members[0];
    const std::uint32_t agree = (cut.children() - 1) & ~differ;
    Region inner = region;
    Ternary& known = inner.known[cut.word];
    known.mask |= agree << cut.shift;
    known.value = (known.value & ~(agree << cut.shift)) |
                  (members[0] & agree) << cut.shift;
    return inner;
  }

  std::uint32_t node_for(const Cut& cut, std::uint32_t base) {
    const std::uint32_t child = base / 4;
    if (cut.word < 4 && child <= XG_NODE_CHILD_MASK) {
      return std::uint32_t{cut.bits} << XG_NODE_BITS_SHIFT |
             std::uint32_t{cut.word} << XG_NODE_WORD_SHIFT |
             std::uint32_t{cut.shift} << XG_NODE_SHIFT_SHIFT | child;
    }
    const std::uint32_t at = allocate(4);
    const std::uint32_t record[4] = {cut.word, cut.shift, cut.bits, child};
    std::copy(record, record + 4, sections_.nodes.begin() + at);
    return XG_NODE_EXTENDED << XG_NODE_WORD_SHIFT | at / 4;
  }

  Built leaf(const List& list, unsigned depth) {
    if (list.empty()) return {};
    worst_ = std::max(worst_, depth + static_cast<std::uint32_t>(list.size()));
    const std::uint32_t best = boxes_[list.front()].rule;
    auto [begin, end] = leaf_at_.equal_range(hash_of(list));
    for (auto it = begin; it != end; ++it) {
      if (it->second.second == list) return {it->second.first, best};
    }
    const auto at = static_cast<std::uint32_t>(sections_.leaves.size());
    for (std::uint32_t number : list) sections_.leaves.push_back(record(number));
    sections_.leaves.back().meta |= XG_LEAF_LAST;
    leaf_boxes_.insert(leaf_boxes_.end(), list.begin(), list.end());
    if (list.size() > sections_.leaf_max) {
      sections_.leaf_max = static_cast<std::uint32_t>(list.size());
      sections_.leaf_max_rule = best;
    }
    leaf_at_.emplace(hash_of(list), std::pair(at, list));
    return {at, best};
  }

  [[nodiscard]] xg_leaf record(std::uint32_t number) const {
    const Box& box = boxes_[number];
    return {box.src, box.dst,
            std::uint64_t{box.rule} |
                std::uint64_t{box.service} << XG_LEAF_SERVICE_SHIFT |
                std::uint64_t{box.src_shift} << XG_LEAF_SRC_SHIFT |
                std::uint64_t{box.dst_shift} << XG_LEAF_DST_SHIFT};
  }

  Region whole_;
  const std::vector<Box>& boxes_;
  std::vector<ServiceInfo> infos_;
  TreeSections& sections_;
  std::unordered_multimap<std::uint64_t, std::pair<std::uint32_t, List>>
      leaf_at_;
  std::vector<TreeTrace> trees_;
  std::vector<std::uint32_t> best_;        // least rule below a node
  std::vector<std::uint32_t> leaf_boxes_;  // box of a leaf record
  List evicted_;
  bool may_evict_ = false;
  std::size_t width_ = kLeastWidth;
  std::size_t budget_ = 0;
  std::uint32_t worst_ = 0;
};

}  // namespace

Result<Forest> build_forest(xg_kind kind, const std::vector<Box>& boxes,
                            const ServiceTable& services,
                            TreeSections& sections) {
  return Builder(kind, boxes, services, sections).build();
}

}  // namespace xdpgate
