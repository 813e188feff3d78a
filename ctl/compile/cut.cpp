// SPDX-License-Identifier: GPL-2.0-only
// Choosing a cut: every window that starts at a bit in which the boxes differ
// is tried on a sample; the score weighs the boxes left to a packet against
// copies, boxes moved to the next tree, and nodes.
#include "compile/cut.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace xdpgate {
namespace {

constexpr std::size_t kSample = 256;
constexpr double kMinGain = 0.1;          // in bits, of a step
constexpr double kMeanWeight = 0.5;       // the rest: of the fullest child
constexpr double kMovingCost = 3;         // in bits, of moving all boxes
constexpr double kCopyingCost = 0.6;      // in bits, of doubling the boxes
constexpr double kLastCopyingCost = 0.2;  // in a tree that has no next one
constexpr double kBitCost = 0.05;
constexpr double kMaxEvicted = 0.6;       // share of a list
constexpr unsigned kMaxRareBits = 8;      // of words that are walked child wise
constexpr std::size_t kProtocolFrom = 16; // boxes
constexpr std::size_t kMaxSampleCopies = 64;  // a box, of a cut worth a look
constexpr std::array<unsigned, 9> kBits = {1, 2, 3, 4, 6, 8, 10, 12, 14};

// The bits of a word in which boxes differ, gathered box by box.
struct BitUse {
  std::uint32_t any = 0;   // asked for by some box
  std::uint32_t all = ~0u; // asked for by every box
  std::uint32_t ones = 0;
  std::uint32_t zeros = 0;

  void add(std::uint32_t mask, std::uint32_t value) {
    any |= mask;
    all &= mask;
    ones |= value & mask;
    zeros |= ~value & mask;
  }
  void add_loose(std::uint32_t mask) {
    any |= mask;
    all = 0;
  }
  /// Asked for by every box, and alike.
  [[nodiscard]] std::uint32_t agreed() const { return all & ~(ones & zeros); }
  [[nodiscard]] std::uint32_t telling() const {
    return any & ~agreed();
  }
};

using BitUses = std::array<BitUse, XG_WORDS>;

std::uint32_t prefix_mask(unsigned open) {
  return open >= 32 ? 0 : ~0u << open;
}

std::uint32_t boundary_bits(const Interval<std::uint32_t>& ports) {
  if (ports.lo == 0 && ports.hi == 65535) return 0;
  if (ports.lo == ports.hi) return 0xffff;
  return (ports.lo | ~ports.hi) & 0xffff;
}

void add_ports(const Condition& condition, BitUse& use) {
  const auto& src = condition.src_port;
  const auto& dst = condition.dst_port;
  const std::uint32_t mask = boundary_bits(src) << 16 | boundary_bits(dst);
  const std::uint32_t exact = (src.lo == src.hi ? 0xffff0000 : 0) |
                              (dst.lo == dst.hi ? 0x0000ffff : 0);
  const std::uint32_t all = use.all;
  use.add(mask & exact, src.lo << 16 | dst.lo);
  use.any |= mask;
  use.all = all & mask & exact;
}

// What a box asks of a word with parts of MAC addresses.
Ternary macs_asked(const ServiceInfo& service, unsigned word) {
  Ternary asked;
  if ((service.tested_words >> word & 1) == 0) return asked;
  for (const Test& test : service.condition->tests) {
    if (!asks_mac_in(test, word)) continue;
    const Ternary more = mac_bits(test, word);
    asked.add(more.mask, more.value);
  }
  return asked;
}

void add_box(const Box& box, const ServiceInfo& service, BitUses& uses) {
  const Condition& condition = *service.condition;
  uses[XG_W_SRC].add(prefix_mask(box.src_shift), box.src);
  uses[XG_W_DST].add(prefix_mask(box.dst_shift), box.dst);
  add_ports(condition, uses[XG_W_PORTS]);
  uses[XG_W_PROTO].add(condition.proto.mask, condition.proto.value);
  uses[XG_W_L4].add(condition.l4.mask, condition.l4.value);
  for (unsigned word : {XG_W_SMAC, XG_W_DMAC, XG_W_MACS}) {
    const Ternary asked = macs_asked(service, word);
    uses[word].add(asked.mask, asked.value);
  }
  if (service.tested_words == 0) return;
  for (const Test& test : condition.tests) {
    if (test.kind == XG_TEST_RANGE || test.kind == XG_TEST_BITMAP) {
      uses[test.word].add_loose(test.mask << test.shift);
    }
  }
}

std::vector<std::uint32_t> sample_of(std::span<const std::uint32_t> list) {
  std::vector<std::uint32_t> sample;
  const std::size_t count = std::min(list.size(), kSample);
  for (std::size_t i = 0; i < count; ++i) {
    sample.push_back(list[i * list.size() / count]);
  }
  return sample;
}

// Scores cuts on a sample; keeps the best.
class Chooser {
 public:
  explicit Chooser(const CutQuery& query)
      : query_(query), sample_(sample_of(query.list)) {}

  std::optional<Cut> best() {
    BitUses uses;
    for (std::uint32_t number : sample_) {
      const Box& box = query_.boxes[number];
      add_box(box, query_.services[box.service], uses);
    }
    for (unsigned word = 0; word < XG_WORDS; ++word) try_word(word, uses[word]);
    try_protocol(uses[XG_W_PROTO]);
    return best_;
  }

 private:
  void try_word(unsigned word, const BitUse& use) {
    const std::uint32_t telling =
        use.telling() & ~query_.region.known[word].mask;
    for (int top = 31; top >= 0; --top) {
      if (telling >> top & 1) try_top(word, static_cast<unsigned>(top));
    }
  }

  // The whole protocol at once, of which a policy knows a few: the rest share
  // one child, and behind the cut a rule for all of a protocol covers.
  void try_protocol(const BitUse& use) {
    const std::uint32_t known = query_.region.known[XG_W_PROTO].mask;
    if (query_.list.size() < kProtocolFrom) return;
    if ((use.telling() & ~known & 0xff) == 0) return;
    try_cut({XG_W_PROTO, 0, 8});
  }

  // All windows of `word` whose topmost bit is `top`.
  void try_top(unsigned word, unsigned top) {
    const unsigned floor = word == XG_W_PORTS && top >= 16 ? 16 : 0;
    unsigned last = 0;
    for (unsigned bits : kBits) {
      bits = std::min(bits, top + 1 - floor);
      if (bits == last || (word >= XG_W_PROTO && bits > kMaxRareBits)) break;
      if ((1u << bits) >
          std::max<std::size_t>(4, query_.width * query_.list.size())) {
        break;
      }
      last = bits;
      try_cut({static_cast<std::uint8_t>(word),
               static_cast<std::uint8_t>(top + 1 - bits),
               static_cast<std::uint8_t>(bits)});
    }
  }

  void try_cut(const Cut& cut) {
    const double value = score(cut);
    if (value < kMinGain || (best_ && value <= best_score_)) return;
    best_ = cut;
    best_score_ = value;
  }

  // The boxes of the sample by child, in here_, and where they change, in
  // edge_. A child takes no box behind one that covers it, as the tree will
  // not: that is what makes rules that overlap everywhere fall apart. False
  // where there are too many copies to go on.
  bool count(const Cut& cut, std::size_t& evicted) {
    copies_ = 0;
    here_.assign(cut.children(), 0);
    edge_.assign(cut.children() + 1, false);
    closed_.assign(cut.children(), false);
    for (std::uint32_t number : sample_) {
      const Box& box = query_.boxes[number];
      const ServiceInfo& service = query_.services[box.service];
      reach(box, service, query_.region, cut, ranges_);
      std::uint64_t reached = 0;
      for (const auto& [lo, hi] : ranges_) reached += hi - lo + 1;
      if (query_.may_evict && reached > kMaxCopies) {
        ++evicted;
        continue;
      }
      const bool closes = box.decides && covers(box, *service.condition,
                                                query_.region, cut.word);
      for (const auto& range : ranges_) add(cut, range, box, closes);
      if (copies_ > kMaxSampleCopies * sample_.size()) return false;
    }
    return true;
  }

  void add(const Cut& cut, const Interval<std::uint32_t>& range,
           const Box& box, bool closes) {
    const Condition& condition = *query_.services[box.service].condition;
    edge_[range.lo] = edge_[range.hi + 1] = true;
    for (std::uint32_t child = range.lo; child <= range.hi; ++child) {
      if (closed_[child]) continue;
      ++here_[child];
      ++copies_;
      if (closes && covers(box, condition,
                           child_region(query_.region, cut.word, cut.shift,
                                        cut.bits, child))) {
        closed_[child] = true;
      }
    }
  }

  // Runs of neighbours with the same boxes, which become one child.
  struct Runs {
    double copies = 0;   // boxes, summed over runs
    double squares = 0;  // their squares
    double most = 0;     // boxes of the fullest
  };

  [[nodiscard]] Runs runs(const Cut& cut) const {
    Runs sum;
    for (std::uint32_t child = 0; child < cut.children(); ++child) {
      if (child > 0 && !edge_[child]) continue;
      const double here = here_[child];
      sum.copies += here;
      sum.squares += here * here;
      sum.most = std::max(sum.most, here);
    }
    return sum;
  }

  // Bits of choice that the step takes off the list, less what it costs.
  double score(const Cut& cut) {
    std::size_t evicted = 0;
    if (!count(cut, evicted)) return 0;
    const Runs sum = runs(cut);
    const auto total = static_cast<double>(sample_.size());
    const double moved = static_cast<double>(evicted) / total;
    if (sum.copies == 0 || moved > kMaxEvicted) return 0;
    const double met = sum.squares / sum.copies;
    const double mixed = kMeanWeight * met + (1 - kMeanWeight) * sum.most;
    const double size = static_cast<double>(query_.list.size());
    const double left = 1 + (mixed - 1) * size / total;
    const double gain = std::log2(size) - std::log2(std::max(1.0, left));
    const double kept = total - static_cast<double>(evicted);
    const double growth = std::log2(std::max(1.0, sum.copies / kept));
    const double copying = query_.may_evict ? kCopyingCost : kLastCopyingCost;
    const unsigned bits = cut.word == XG_W_PROTO ? 0 : cut.bits;
    return gain - kMovingCost * moved - copying * growth - kBitCost * bits;
  }

  const CutQuery& query_;
  std::vector<std::uint32_t> sample_;
  std::vector<std::uint32_t> here_;  // boxes of a child
  std::vector<bool> edge_;           // whether a box begins or ends there
  std::vector<bool> closed_;         // whether a box covers the child
  std::size_t copies_ = 0;           // boxes, summed over children
  ChildRanges ranges_;
  std::optional<Cut> best_;
  double best_score_ = 0;
};

}  // namespace

Region asked_by_all(std::span<const Box> boxes,
                    std::span<const ServiceInfo> services,
                    std::span<const std::uint32_t> list,
                    const Region& region) {
  BitUses uses;
  for (std::uint32_t number : list) {
    add_box(boxes[number], services[boxes[number].service], uses);
  }
  Region narrowed = region;
  if (list.empty()) return narrowed;
  for (unsigned word = 0; word < XG_WORDS; ++word) {
    Ternary& known = narrowed.known[word];
    const std::uint32_t news = uses[word].agreed() & uses[word].any & ~known.mask;
    known.mask |= news;
    known.value |= uses[word].ones & news;
  }
  return narrowed;
}

std::optional<Cut> choose_cut(const CutQuery& query) {
  return Chooser(query).best();
}

}  // namespace xdpgate
