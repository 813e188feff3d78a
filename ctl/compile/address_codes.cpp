// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_codes.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "compile/address_bits.h"
#include "compile/address_blocks.h"
#include "compile/shape.h"

namespace xdpgate {
namespace {

constexpr unsigned kTooLarge = 64;  // log2 of a block that does not fit
constexpr unsigned kMostWidth = kCodeBits - 2;

// The blocks as a forest under one root, number blocks.size().
class BlockTree {
 public:
  explicit BlockTree(std::span<const PrefixBlock> blocks)
      : root_(blocks.size()), children_(blocks.size() + 1) {
    std::vector<std::size_t> open;  // blocks that hold the one at hand
    for (std::size_t n = 0; n < blocks.size(); ++n) {
      while (!open.empty() &&
             last_of(blocks[open.back()].prefix.value,
                     blocks[open.back()].prefix.length) <
                 blocks[n].prefix.value) {
        open.pop_back();
      }
      children_[open.empty() ? root_ : open.back()].push_back(n);
      open.push_back(n);
    }
  }

  [[nodiscard]] std::size_t root() const { return root_; }
  [[nodiscard]] std::vector<std::size_t>& children(std::size_t n) {
    return children_[n];
  }
  // Calls `visit` for all nodes, inner ones first: the blocks are sorted, so
  // what a block holds has higher numbers.
  template <class Visit>
  void inner_first(Visit visit) {
    for (std::size_t n = root_; n-- > 0;) visit(n);
    visit(root_);
  }

 private:
  std::size_t root_;
  std::vector<std::vector<std::size_t>> children_;
};

// log2 of each node's codes: its children's and one, rounded up.
std::vector<unsigned> code_sizes(BlockTree& tree,
                                 std::span<const PrefixBlock> blocks) {
  std::vector<unsigned> size(tree.root() + 1);
  tree.inner_first([&](std::size_t n) {
    if (n < blocks.size() && blocks[n].width > 0) {
      size[n] = blocks[n].width;
      return;
    }
    std::uint64_t total = 1;
    for (std::size_t child : tree.children(n)) {
      if (size[child] > kCodeBits) {
        size[n] = kTooLarge;
        return;
      }
      total += std::uint64_t{1} << size[child];
    }
    size[n] = static_cast<unsigned>(std::bit_width(total - 1));
  });
  return size;
}

// The code prefix of a prefix inside `block`, whose codes begin at `base`.
CodePrefix inside(const Prefix6& prefix, const PrefixBlock& block,
                  std::uint32_t base) {
  const unsigned open = block.prefix.length + block.width - prefix.length;
  if (block.width == 0) return {base, 32};
  const auto bits = static_cast<std::uint32_t>(
      bits_of(prefix.value, block.prefix.length, block.width));
  return {base + bits, static_cast<std::uint8_t>(32 - open)};
}

AddressCodes nested_codes(std::span<const Prefix6> prefixes,
                          std::span<const PrefixBlock> blocks, BlockTree& tree,
                          const std::vector<unsigned>& size) {
  const std::size_t root = tree.root();
  std::vector<std::uint32_t> base(root + 1);
  AddressCodes codes;
  codes.prefixes.resize(prefixes.size());
  // Gives the children of n their codes; returns the one for the rest.
  auto place = [&](std::size_t n) {
    auto& children = tree.children(n);
    std::stable_sort(children.begin(), children.end(),
                     [&](auto a, auto b) { return size[a] > size[b]; });
    std::uint32_t next = base[n];
    for (std::size_t child : children) {
      base[child] = next;
      next += 1u << size[child];
    }
    return next;
  };
  codes.outside = place(root);
  for (std::size_t n = 0; n < root; ++n) {
    const PrefixBlock& block = blocks[n];
    const std::uint32_t rest = place(n);
    codes.blocks.push_back({block.prefix, block.width, rest});
    for (std::size_t i = block.first; i < block.last; ++i) {
      codes.prefixes[i] = {inside(prefixes[i], block, base[n])};
    }
    if (block.width == 0) {
      codes.prefixes[block.first] = {
          {base[n], static_cast<std::uint8_t>(32 - size[n])}};
    }
  }
  return codes;
}

// Codes with blocks of at most this width; none where they do not fit.
std::optional<AddressCodes> codes_of_width(std::span<const Prefix6> prefixes,
                                           unsigned width) {
  const auto blocks = find_blocks(prefixes, width);
  std::uint64_t total = 0;
  for (const PrefixBlock& block : blocks) total += std::uint64_t{1} << block.width;
  if (total >> kCodeBits != 0) return std::nullopt;
  BlockTree tree(blocks);
  const auto size = code_sizes(tree, blocks);
  if (size[tree.root()] > kCodeBits) return std::nullopt;
  return nested_codes(prefixes, blocks, tree, size);
}

// Number n + 1 for the rest of prefix n, 0 outside: what a prefix holds
// follows it without a gap.
AddressCodes numbered_codes(std::span<const Prefix6> prefixes) {
  const auto blocks = find_blocks(prefixes, 0);
  BlockTree tree(blocks);
  std::vector<std::uint32_t> held(tree.root() + 1, 1);
  tree.inner_first([&](std::size_t n) {
    for (std::size_t child : tree.children(n)) held[n] += held[child];
  });
  AddressCodes codes;
  codes.prefixes.resize(prefixes.size());
  for (std::size_t n = 0; n < prefixes.size(); ++n) {
    const auto first = static_cast<std::uint32_t>(n + 1);
    codes.blocks.push_back({prefixes[n], 0, first});
    std::vector<Prefix6> runs;
    append_prefixes(first, first + held[n] - 1, 32, runs);
    for (const Prefix6& run : runs) {
      codes.prefixes[n].push_back(
          {static_cast<std::uint32_t>(run.value >> 96), run.length});
    }
  }
  return codes;
}

}  // namespace

AddressCodes make_codes(std::span<const Prefix6> prefixes) {
  for (unsigned width = kMostWidth + 1; width-- > 0;) {
    if (auto codes = codes_of_width(prefixes, width)) return std::move(*codes);
  }
  return numbered_codes(prefixes);
}

}  // namespace xdpgate
