// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_codes.h"

#include <algorithm>
#include <bit>

#include "compile/shape.h"

namespace xdpgate {
namespace {

constexpr unsigned kTooLarge = 64;  // log2 of a block that does not fit

U128 last_of(const Prefix6& prefix) {
  return prefix.length == 128 ? prefix.value
                              : prefix.value | (~U128{0} >> prefix.length);
}

// The prefixes as a forest under one root, number prefixes.size().
class PrefixTree {
 public:
  explicit PrefixTree(std::span<const Prefix6> prefixes)
      : root_(prefixes.size()), children_(prefixes.size() + 1) {
    std::vector<std::size_t> open;  // prefixes that hold the one at hand
    for (std::size_t n = 0; n < prefixes.size(); ++n) {
      while (!open.empty() &&
             last_of(prefixes[open.back()]) < prefixes[n].value) {
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
  // Calls `visit` for all nodes but the root, inner ones first: the prefixes
  // are sorted, so what a prefix holds has higher numbers.
  template <class Visit>
  void inner_first(Visit visit) {
    for (std::size_t n = root_; n-- > 0;) visit(n);
    visit(root_);
  }

 private:
  std::size_t root_;
  std::vector<std::vector<std::size_t>> children_;
};

// log2 of each node's block: its children's and one code, rounded up.
std::vector<unsigned> block_sizes(PrefixTree& tree) {
  std::vector<unsigned> size(tree.root() + 1);
  tree.inner_first([&](std::size_t n) {
    std::uint64_t total = 1;
    for (std::size_t child : tree.children(n)) {
      if (size[child] >= kTooLarge / 2) {
        size[n] = kTooLarge;
        return;
      }
      total += std::uint64_t{1} << size[child];
    }
    size[n] = static_cast<unsigned>(std::bit_width(total - 1));
  });
  return size;
}

AddressCodes nested_codes(PrefixTree& tree, const std::vector<unsigned>& size) {
  const std::size_t root = tree.root();
  std::vector<std::uint32_t> base(root + 1);
  AddressCodes codes;
  codes.remainder.resize(root + 1);
  codes.prefixes.resize(root);
  auto place = [&](std::size_t n) {
    auto& children = tree.children(n);
    std::stable_sort(children.begin(), children.end(),
                     [&](auto a, auto b) { return size[a] > size[b]; });
    std::uint32_t next = base[n];
    for (std::size_t child : children) {
      base[child] = next;
      next += 1u << size[child];
    }
    codes.remainder[n] = next;
    if (n != root) {
      codes.prefixes[n] = {
          {base[n], static_cast<std::uint8_t>(32 - size[n])}};
    }
  };
  place(root);
  for (std::size_t n = 0; n < root; ++n) place(n);
  return codes;
}

// Number n + 1 for prefix n's remainder, 0 for the root's: what a prefix holds
// follows it without a gap.
AddressCodes numbered_codes(PrefixTree& tree) {
  const std::size_t root = tree.root();
  std::vector<std::uint32_t> held(root + 1, 1);
  tree.inner_first([&](std::size_t n) {
    for (std::size_t child : tree.children(n)) held[n] += held[child];
  });
  AddressCodes codes;
  codes.remainder.resize(root + 1);
  codes.prefixes.resize(root);
  for (std::size_t n = 0; n < root; ++n) {
    const auto first = static_cast<std::uint32_t>(n + 1);
    codes.remainder[n] = first;
    std::vector<Prefix6> blocks;
    append_prefixes(first, first + held[n] - 1, 32, blocks);
    for (const Prefix6& block : blocks) {
      codes.prefixes[n].push_back(
          {static_cast<std::uint32_t>(block.value >> 96), block.length});
    }
  }
  return codes;
}

}  // namespace

AddressCodes make_codes(std::span<const Prefix6> prefixes) {
  PrefixTree tree(prefixes);
  const auto size = block_sizes(tree);
  // A block of 2^32 codes is not needed: the root's may hold that many only.
  if (size[tree.root()] < 32) return nested_codes(tree, size);
  return numbered_codes(tree);
}

}  // namespace xdpgate
