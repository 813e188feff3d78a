// SPDX-License-Identifier: GPL-2.0-only
// Address sets and IPv6 prefixes -> the tries and set rows of an image (abi.h).
// The trie's lookup is xdp/trie.h.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"

namespace xdpgate {

/// An IPv6 prefix; the bits of `value` beyond `length` (0..128) are zero.
struct Prefix6 {
  U128 value = 0;
  std::uint8_t length = 0;
  friend auto operator<=>(const Prefix6&, const Prefix6&) = default;
};

/// A prefix of 32-bit codes: all codes that agree with `code` in the top
/// `length` (0..32) bits.
struct CodePrefix {
  std::uint32_t code = 0;
  std::uint8_t length = 0;
  friend bool operator==(const CodePrefix&, const CodePrefix&) = default;
};

/// What tells most addresses outside of very large sets from one cache line: a
/// bit for each hashed prefix (abi.h, "Address filters"). The addresses of a
/// prefix whose bit is clear are of row `row`.
struct AddressFilter {
  std::uint32_t row = 0;
  std::vector<std::uint32_t> words;  ///< XG_FILTER_BITS bits
};

/// What build_address_tables() makes, ready to be laid into an image.
struct AddressTables {
  std::vector<std::uint32_t> tries;     ///< at tries_off
  std::vector<xg_fork> forks;           ///< at forks_off
  std::uint32_t set_root[XG_KINDS]{};   ///< trie entries
  std::uint32_t code_root = 0;          ///< of IPv6
  std::optional<AddressFilter> filter[XG_KINDS];
  std::vector<std::uint32_t> rows;       ///< at rows_off, row_words a row
  std::uint32_t row_words = 0;           ///< at least 1
  /// For each of the prefixes given, in that order: the code prefixes that
  /// stand for it (one, unless the prefixes nest too deeply for 32 bits).
  std::vector<std::vector<CodePrefix>> codes;
  /// Entries read by the longest lookup of each trie; 0: the trie is a leaf.
  std::uint32_t set_steps[XG_KINDS]{};
  std::uint32_t code_steps = 0;
};

/// Builds the tries over `prefixes` (distinct; of any rule, either side) and
/// over `sets` (set i is bit i of a row). For every IPv6 address a: a's code
/// lies in codes[i] exactly when prefixes[i] holds a; and for every address of
/// either family bit i of its row says whether sets[i] holds it. Error: a table
/// that the entries' bits cannot address, named.
[[nodiscard]] Result<AddressTables> build_address_tables(
    std::span<const Prefix6> prefixes,
    std::span<const AddressSet* const> sets);

}  // namespace xdpgate
