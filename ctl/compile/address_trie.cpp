// SPDX-License-Identifier: GPL-2.0-only
// A level-compressed trie (S. Nilsson, G. Karlsson, "IP-Address Lookup Using
// LC-Tries", 1999) over regions instead of prefixes: a block of the address
// space becomes a leaf where one region fills it, a skip where everything but
// one smaller block inside it is of one class, and a branch otherwise, as wide
// as a quarter of its children are worth it.
#include "compile/address_trie.h"

#include <algorithm>
#include <array>
#include <bit>

namespace xdpgate {
namespace {

constexpr unsigned kMaxBits = 16;   // of a branch
constexpr unsigned kMaxSkip = 64;
constexpr unsigned kSparse = 4;     // children for each one that is in use
// Steps consume at least kMinBits while more than kTailBits are left: at most
// (128 - 16) / 4 + 16 + 1 = 45 entries a walk.
constexpr unsigned kMinBits = 4;
constexpr unsigned kTailBits = 16;
constexpr std::size_t kMaxEntries = std::size_t{XG_TRIE_ARG_MASK} + 1;
static_assert((128 - kTailBits) / kMinBits + kTailBits + 1 < XG_TRIE_MAX_STEPS);

unsigned common_bits(U128 a, U128 b) {
  const U128 differ = a ^ b;
  const auto hi = static_cast<std::uint64_t>(differ >> 64);
  const auto lo = static_cast<std::uint64_t>(differ);
  return static_cast<unsigned>(hi != 0 ? std::countl_zero(hi)
                                       : 64 + std::countl_zero(lo));
}

unsigned min_bits(unsigned depth) {
  return 128 - depth > kTailBits ? kMinBits : 1;
}

// The bits [depth, depth + count) of an address, right-aligned.
U128 bits_of(U128 address, unsigned depth, unsigned count) {
  return (address << depth) >> (128 - count);
}

// An aligned block: addresses that agree with `start` in `depth` bits, and the
// regions [first, last] that it meets.
struct Block {
  U128 start;
  unsigned depth;
  std::size_t first, last;
};

class TrieBuilder {
 public:
  TrieBuilder(std::span<const AddressRegion> regions,
              std::vector<std::uint32_t>& entries)
      : regions_(regions), entries_(entries) {}

  std::uint32_t build(const Block& block, std::uint32_t steps) {
    max_steps_ = std::max(max_steps_, steps + 1);
    if (block.first == block.last || full()) {
      return leaf(regions_[block.first].address);
    }
    const unsigned skip = skippable(block);
    if (skip >= min_bits(block.depth)) return build_skip(block, skip, steps);
    return build_branch(block, steps);
  }

  [[nodiscard]] bool full() const { return entries_.size() > kMaxEntries; }
  [[nodiscard]] std::uint32_t max_steps() const { return max_steps_; }

 private:
  static std::uint32_t leaf(std::uint32_t address) {
    return XG_TRIE_LEAF << XG_TRIE_KIND_SHIFT | address;
  }

  // How many bits lead to the smallest block that holds all that differs from
  // the block's edges, where the edges are of one class.
  [[nodiscard]] unsigned skippable(const Block& block) const {
    if (regions_[block.first].address != regions_[block.last].address) return 0;
    const U128 from = regions_[block.first + 1].start;
    const U128 to = regions_[block.last].start - 1;
    return std::min(common_bits(from, to) - block.depth, kMaxSkip);
  }

  // The part of `block` inside the block of `depth` bits at `start`.
  [[nodiscard]] Block inner(const Block& block, U128 start,
                            unsigned depth) const {
    const U128 end = depth == 128 ? start : start | (~U128{0} >> depth);
    auto region_at = [&](U128 address) {
      const auto begin = regions_.begin();
      const auto after = std::upper_bound(
          begin + static_cast<std::ptrdiff_t>(block.first),
          begin + static_cast<std::ptrdiff_t>(block.last) + 1, address,
          [](U128 a, const AddressRegion& r) { return a < r.start; });
      return static_cast<std::size_t>(after - begin) - 1;
    };
    return {start, depth, region_at(start), region_at(end)};
  }

  std::uint32_t build_skip(const Block& block, unsigned bits,
                           std::uint32_t steps) {
    const U128 inside = regions_[block.first + 1].start;
    const unsigned depth = block.depth + bits;
    const U128 start = inside >> (128 - depth) << (128 - depth);
    const std::size_t at = entries_.size();
    entries_.resize(at + sizeof(xg_skip) / sizeof(std::uint32_t));
    const std::uint32_t next = build(inner(block, start, depth), steps + 1);
    const auto value =
        static_cast<std::uint64_t>(bits_of(inside, block.depth, bits));
    const std::uint32_t record[] = {next,
                                    leaf(regions_[block.first].address), bits,
                                    static_cast<std::uint32_t>(value >> 32),
                                    static_cast<std::uint32_t>(value)};
    std::copy(std::begin(record), std::end(record),
              entries_.begin() + static_cast<std::ptrdiff_t>(at));
    return XG_TRIE_SKIP << XG_TRIE_KIND_SHIFT |
           (static_cast<std::uint32_t>(at) & XG_TRIE_ARG_MASK);
  }

  // The widest branch of which enough children hold a boundary.
  [[nodiscard]] unsigned branch_bits(const Block& block) const {
    std::array<std::size_t, kMaxBits + 1> splits{};  // by bits after depth
    for (std::size_t i = block.first + 2; i <= block.last; ++i) {
      const unsigned common =
          common_bits(regions_[i - 1].start, regions_[i].start) - block.depth;
      if (common < kMaxBits) ++splits[common + 1];
    }
    const unsigned left = 128 - block.depth;
    unsigned best = std::min(min_bits(block.depth), left);
    std::size_t in_use = 1;
    for (unsigned bits = 1; bits <= std::min(kMaxBits, left); ++bits) {
      in_use += splits[bits];
      if (std::size_t{1} << bits <= kSparse * in_use) best = std::max(best, bits);
    }
    return best;
  }

  std::uint32_t build_branch(const Block& block, std::uint32_t steps) {
    const unsigned bits = branch_bits(block);
    const unsigned depth = block.depth + bits;
    const std::size_t base = entries_.size();
    entries_.resize(base + (std::size_t{1} << bits));
    Block rest = block;
    for (std::size_t child = 0; child < std::size_t{1} << bits; ++child) {
      const U128 start = block.start | U128{child} << (128 - depth);
      const Block part = inner(rest, start, depth);
      const std::uint32_t entry = build(part, steps + 1);
      entries_[base + child] = entry;
      rest.first = part.last;
    }
    return XG_TRIE_BRANCH << XG_TRIE_KIND_SHIFT |
           (bits - 1) << XG_TRIE_BITS_SHIFT |
           (static_cast<std::uint32_t>(base) & XG_TRIE_ARG_MASK);
  }

  std::span<const AddressRegion> regions_;
  std::vector<std::uint32_t>& entries_;
  std::uint32_t max_steps_ = 0;
};

}  // namespace

Result<std::uint32_t> append_trie(std::span<const AddressRegion> regions,
                                  std::vector<std::uint32_t>& entries,
                                  std::uint32_t& max_steps) {
  TrieBuilder builder(regions, entries);
  const std::uint32_t root = builder.build({0, 0, 0, regions.size() - 1}, 0);
  if (builder.full()) {
    return failure({"compile", "",
                    "the addresses need more trie entries than an image can "
                    "address",
                    "use fewer or shorter prefixes"});
  }
  max_steps = std::max(max_steps, builder.max_steps());
  return root;
}

}  // namespace xdpgate
