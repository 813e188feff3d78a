// SPDX-License-Identifier: GPL-2.0-only
// A trie over regions instead of prefixes. A block of the address space becomes
// - a leaf where one region fills it;
// - a fork or skip where everything but one smaller block inside is alike;
// - a branch as wide as enough of its children are worth it: level compression
//   (S. Nilsson, G. Karlsson, "IP-Address Lookup Using LC-Tries", 1999);
// - in large tries, where a wide branch would be mostly repetition, a branch
//   that has the children which differ from the most common one, found by a
//   bitmap (W. Eatherton et al., "Tree Bitmap", 2004). A million prefixes
//   should fit a cache, and an address outside of them be told from few lines.
#include "compile/address_trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "compile/address_bits.h"

namespace xdpgate {
namespace {

constexpr unsigned kMaxBits = 16;  // of a branch, of a fork
constexpr unsigned kMaxSkip = 128;
// Children for each one that is in use: few steps where little is to be told
// apart, little memory where much is. Of a large trie's root more: it is met by
// every address.
constexpr std::size_t kSmallRegions = 1024;
constexpr std::size_t kSmallSparse = 16;
constexpr std::size_t kSparse = 4;
constexpr std::size_t kLargeRegions = 65'536;
constexpr std::size_t kLargeSparse = 2;
constexpr std::size_t kLargeRootSparse = 8;
constexpr std::size_t kBitmapFrom = 6;  // boundaries in a block
constexpr std::uint32_t kMostSteps = XG_TRIE_MAX_STEPS - 1;  // before a leaf
constexpr std::size_t kMaxEntries = std::size_t{XG_TRIE_ARG_MASK} + 1;
constexpr std::size_t kHeadWords = sizeof(xg_sparse) / sizeof(std::uint32_t);
constexpr std::size_t kLineWords = 64 / sizeof(std::uint32_t);

// The fewest bits that a step may consume, so that those left are consumed
// before the steps run out.
unsigned min_bits(unsigned left, std::uint32_t steps) {
  const unsigned steps_left = kMostSteps - steps;
  return (left + steps_left - 1) / steps_left;
}

bool is_leaf(std::uint32_t entry) { return (entry & XG_TRIE_LEAF) != 0; }

std::uint32_t inner_entry(xg_trie_kind kind, std::size_t at) {
  return std::uint32_t{kind} << XG_TRIE_KIND_SHIFT |
         (static_cast<std::uint32_t>(at) & XG_TRIE_ARG_MASK);
}

// An aligned block: addresses that agree with `start` in `depth` bits, and the
// regions [first, last] that it meets.
struct Block {
  U128 start;
  unsigned depth;
  std::size_t first, last;
};

}  // namespace

class TrieBuilder {
 public:
  TrieBuilder(std::span<const AddressRegion> regions, TrieSections& sections)
      : regions_(regions), sections_(sections), entries_(sections.entries) {
    for (const AddressRegion& region : regions) {
      if (region.start << 32 != 0) width_ = 128;
    }
  }

  std::uint32_t build(const Block& block, std::uint32_t steps) {
    most_steps_ = std::max(most_steps_, steps);
    if (block.first == block.last || full()) return first_entry(block);
    if (const unsigned bits = skippable(block); bits > 0) {
      const Block part = inner_block(block, bits);
      if (auto fork = fork_entry(block, part, bits)) return *fork;
      if (bits >= min_bits(left(block), steps)) {
        return build_skip(block, part, bits, steps);
      }
    }
    const unsigned bits = branch_bits(block, steps);
    if (prefers_bitmap(block, bits)) return build_sparse(block, steps);
    return build_branch(block, bits, steps);
  }

  [[nodiscard]] bool full() const { return entries_.size() > kMaxEntries; }
  [[nodiscard]] std::uint32_t most_steps() const { return most_steps_; }

 private:
  [[nodiscard]] std::uint32_t first_entry(const Block& block) const {
    return regions_[block.first].entry;
  }
  [[nodiscard]] std::size_t boundaries(const Block& block) const {
    return block.last - block.first;
  }

  // The bits that may tell addresses of the block apart.
  [[nodiscard]] unsigned left(const Block& block) const {
    return width_ - block.depth;
  }

  // How many bits lead to the smallest block that holds all that differs from
  // the block's edges, where the edges are alike.
  [[nodiscard]] unsigned skippable(const Block& block) const {
    if (first_entry(block) != regions_[block.last].entry) return 0;
    const U128 from = regions_[block.first + 1].start;
    const U128 to = regions_[block.last].start - 1;
    return std::min(common_bits(from, to) - block.depth, kMaxSkip);
  }

  [[nodiscard]] Block inner_block(const Block& block, unsigned bits) const {
    const unsigned depth = block.depth + bits;
    return part_of(block, first_of(regions_[block.first + 1].start, depth),
                   depth);
  }

  // The part of `block` inside the block of `depth` bits at `start`.
  [[nodiscard]] Block part_of(const Block& block, U128 start,
                              unsigned depth) const {
    auto region_at = [&](U128 address) {
      const auto begin = regions_.begin();
      const auto after = std::upper_bound(
          begin + static_cast<std::ptrdiff_t>(block.first),
          begin + static_cast<std::ptrdiff_t>(block.last) + 1, address,
          [](U128 a, const AddressRegion& r) { return a < r.start; });
      return static_cast<std::size_t>(after - begin) - 1;
    };
    return {start, depth, region_at(start), region_at(last_of(start, depth))};
  }

  // A comparison in the entry itself, where only leaves are behind it.
  std::optional<std::uint32_t> fork_entry(const Block& block, const Block& part,
                                          unsigned bits) {
    if (part.first != part.last || bits > kMaxBits) return std::nullopt;
    const std::uint32_t same = first_entry(part), differs = first_entry(block);
    if (!is_leaf(same) || !is_leaf(differs)) return std::nullopt;
    const std::uint32_t fork = sections_.leaf_fork(same, differs);
    if (fork >= XG_FORK_MAX) return std::nullopt;
    const auto value =
        static_cast<std::uint32_t>(bits_of(part.start, block.depth, bits));
    return XG_TRIE_LEAF | XG_TRIE_FORK | (bits - 1) << XG_FORK_BITS_SHIFT |
           value << XG_FORK_VALUE_SHIFT | fork;
  }

  std::uint32_t build_skip(const Block& block, const Block& part, unsigned bits,
                           std::uint32_t steps) {
    const std::size_t at = entries_.size();
    const U128 value = bits_of(part.start, block.depth, bits) << (128 - bits);
    entries_.push_back((bits - 1) << XG_SKIP_BITS_SHIFT);
    for (unsigned have = 0; have < bits; have += 32) {
      entries_.push_back(static_cast<std::uint32_t>(value >> (96 - have)));
    }
    const std::uint32_t same = build(part, steps + 1);
    entries_[at] |= fork_of(at, same, first_entry(block));
    return inner_entry(XG_TRIE_SKIP, at);
  }

  // The fork of the skip at `at`; of an inner one a number that finish() moves.
  std::uint32_t fork_of(std::size_t at, std::uint32_t same,
                        std::uint32_t differs) {
    if (is_leaf(same)) return sections_.leaf_fork(same, differs);
    const auto number = static_cast<std::uint32_t>(sections_.inner_forks_.size());
    sections_.inner_forks_.push_back({same, differs});
    sections_.inner_skips_.push_back(at);
    return number;
  }

  [[nodiscard]] bool is_large() const {
    return regions_.size() > kLargeRegions;
  }

  [[nodiscard]] std::size_t sparse(const Block& block) const {
    if (regions_.size() <= kSmallRegions) return kSmallSparse;
    if (!is_large()) return kSparse;
    return block.depth == 0 ? kLargeRootSparse : kLargeSparse;
  }

  // The widest branch of which enough children hold a boundary.
  [[nodiscard]] unsigned branch_bits(const Block& block,
                                     std::uint32_t steps) const {
    std::array<std::size_t, kMaxBits + 1> splits{};  // by bits after depth
    for (std::size_t i = block.first + 2; i <= block.last; ++i) {
      const unsigned common =
          common_bits(regions_[i - 1].start, regions_[i].start) - block.depth;
      if (common < kMaxBits) ++splits[common + 1];
    }
    unsigned best = min_bits(left(block), steps);
    std::size_t in_use = 1;
    for (unsigned bits = 1; bits <= std::min(kMaxBits, left(block)); ++bits) {
      in_use += splits[bits];
      if (std::size_t{1} << bits <= sparse(block) * in_use) {
        best = std::max(best, bits);
      }
    }
    return best;
  }

  [[nodiscard]] bool prefers_bitmap(const Block& block, unsigned bits) const {
    return is_large() && bits < XG_SPARSE_BITS &&
           left(block) >= XG_SPARSE_BITS && boundaries(block) >= kBitmapFrom;
  }

  // The entries of the children of `bits` bits, in order, to `put`.
  template <class Put>
  void build_children(const Block& block, unsigned bits, std::uint32_t steps,
                      Put put) {
    const unsigned depth = block.depth + bits;
    Block rest = block;
    for (std::size_t child = 0; child < std::size_t{1} << bits; ++child) {
      const U128 start = block.start | U128{child} << (128 - depth);
      const Block part = part_of(rest, start, depth);
      put(child, build(part, steps + 1));
      rest.first = part.last;
    }
  }

  std::uint32_t build_branch(const Block& block, unsigned bits,
                             std::uint32_t steps) {
    const std::size_t base = entries_.size();
    entries_.resize(base + (std::size_t{1} << bits));
    build_children(block, bits, steps,
                   [&](std::size_t child, std::uint32_t entry) {
                     entries_[base + child] = entry;
                   });
    return inner_entry(XG_TRIE_BRANCH, base) |
           (bits - 1) << XG_TRIE_BITS_SHIFT;
  }

  std::uint32_t build_sparse(const Block& block, std::uint32_t steps) {
    std::vector<std::uint32_t> children(std::size_t{1} << XG_SPARSE_BITS);
    build_children(block, XG_SPARSE_BITS, steps,
                   [&](std::size_t child, std::uint32_t entry) {
                     children[child] = entry;
                   });
    xg_sparse head{};
    head.other = most_common(children);
    std::vector<std::uint32_t> own;
    for (std::size_t child = 0; child < children.size(); ++child) {
      if (child % 64 == 0) {
        head.before[child / 64] = static_cast<std::uint8_t>(own.size());
      }
      if (children[child] == head.other) continue;
      head.present[child / 64] |= std::uint64_t{1} << child % 64;
      own.push_back(children[child]);
    }
    const std::size_t at = place_head();
    const auto words =
        std::bit_cast<std::array<std::uint32_t, kHeadWords>>(head);
    entries_.insert(entries_.end(), words.begin(), words.end());
    entries_.insert(entries_.end(), own.begin(), own.end());
    return inner_entry(XG_TRIE_SPARSE, at);
  }

  static std::uint32_t most_common(std::vector<std::uint32_t> children) {
    std::sort(children.begin(), children.end());
    std::uint32_t best = children[0];
    std::size_t most = 0;
    for (std::size_t i = 0; i < children.size();) {
      std::size_t end = i;
      while (end < children.size() && children[end] == children[i]) ++end;
      if (end - i > most) {
        most = end - i;
        best = children[i];
      }
      i = end;
    }
    return best;
  }

  // A place on 8 bytes where a head lies in one cache line.
  std::size_t place_head() {
    std::size_t at = (entries_.size() + 1) / 2 * 2;
    if (at % kLineWords + kHeadWords > kLineWords) {
      at = (at + kLineWords - 1) / kLineWords * kLineWords;
    }
    entries_.resize(at);
    return at;
  }

  std::span<const AddressRegion> regions_;
  TrieSections& sections_;
  std::vector<std::uint32_t>& entries_;
  std::uint32_t most_steps_ = 0;
  unsigned width_ = 32;  // bits of an address that tell regions apart
};

std::uint32_t TrieSections::add_raw(const CodeBlock& block) {
  const std::size_t at = entries.size();
  const xg_raw raw{block.code, block.prefix.length, block.width, {}};
  const auto words =
      std::bit_cast<std::array<std::uint32_t, sizeof(xg_raw) / 4>>(raw);
  entries.insert(entries.end(), words.begin(), words.end());
  return inner_entry(XG_TRIE_RAW, at);
}

std::uint32_t TrieSections::leaf_fork(std::uint32_t same,
                                      std::uint32_t differs) {
  auto [found, is_new] = leaf_fork_at_.try_emplace(
      std::uint64_t{same} << 32 | differs,
      static_cast<std::uint32_t>(forks.size()));
  if (is_new) forks.push_back({same, differs});
  return found->second;
}

Result<TrieSections::Trie> TrieSections::add_trie(
    std::span<const AddressRegion> regions) {
  TrieBuilder builder(regions, *this);
  const std::uint32_t root = builder.build({0, 0, 0, regions.size() - 1}, 0);
  if (builder.full()) {
    return failure({"compile", "",
                    "the addresses need more trie entries than an image can "
                    "address",
                    "use fewer or shorter prefixes"});
  }
  return Trie{root, builder.most_steps()};
}

void TrieSections::finish() {
  const auto leaf_forks = static_cast<std::uint32_t>(forks.size());
  for (std::size_t at : inner_skips_) entries[at] += leaf_forks;
  forks.insert(forks.end(), inner_forks_.begin(), inner_forks_.end());
}

}  // namespace xdpgate
