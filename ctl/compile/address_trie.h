// SPDX-License-Identifier: GPL-2.0-only
// Sorted regions -> a trie in the entries of abi.h ("Address tries").
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "compile/address_regions.h"

namespace xdpgate {

/// The sections that all tries of an image share.
class TrieSections {
 public:
  /// The entry of a block in which addresses stand for themselves.
  std::uint32_t add_raw(const CodeBlock& block);
  /// A trie's root entry, and how many entries its longest walk reads behind
  /// it: fewer than XG_TRIE_MAX_STEPS by construction.
  struct Trie {
    std::uint32_t root;
    std::uint32_t steps;
  };
  /// Appends a trie over `regions` (the first starts at 0). Error: the entries
  /// cannot be addressed.
  [[nodiscard]] Result<Trie> add_trie(
      std::span<const AddressRegion> regions);
  /// To be called behind the last trie: puts the forks in order.
  void finish();

  std::vector<std::uint32_t> entries;  ///< at tries_off
  std::vector<xg_fork> forks;          ///< at forks_off, after finish()

 private:
  friend class TrieBuilder;
  /// The number of the fork between two leaves.
  std::uint32_t leaf_fork(std::uint32_t same, std::uint32_t differs);

  std::unordered_map<std::uint64_t, std::uint32_t> leaf_fork_at_;
  /// Forks to inner entries, and the skips that name them. They stand behind
  /// those of leaves, whose numbers are kept small for FORK entries.
  std::vector<xg_fork> inner_forks_;
  std::vector<std::size_t> inner_skips_;
};

}  // namespace xdpgate
