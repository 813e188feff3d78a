// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_tables.h"

#include <algorithm>
#include <numeric>

#include "compile/address_codes.h"
#include "compile/address_filter.h"
#include "compile/address_regions.h"
#include "compile/address_trie.h"

namespace xdpgate {
namespace {

constexpr std::size_t kMaxRowWords = std::size_t{1} << 28;

std::vector<std::size_t> sorted_order(std::span<const Prefix6> prefixes) {
  std::vector<std::size_t> order(prefixes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return prefixes[a] < prefixes[b];
  });
  return order;
}

Result<TrieSections::Trie> add_code_trie(const AddressCodes& codes,
                                    TrieSections& sections) {
  std::vector<std::uint32_t> entries;
  for (const CodeBlock& block : codes.blocks) {
    entries.push_back(block.width == 0 ? XG_TRIE_LEAF | block.code
                                       : sections.add_raw(block));
  }
  return sections.add_trie(code_regions(codes, entries));
}

}  // namespace

Result<AddressTables> build_address_tables(
    std::span<const Prefix6> prefixes,
    std::span<const AddressSet* const> sets) {
  const auto order = sorted_order(prefixes);
  std::vector<Prefix6> sorted;
  for (std::size_t i : order) sorted.push_back(prefixes[i]);
  const AddressCodes codes = make_codes(sorted);
  AddressTables tables;
  TrieSections sections;
  auto by_code = add_code_trie(codes, sections);
  if (!by_code) return std::unexpected(by_code.error());
  tables.code_root = by_code->root;
  tables.code_steps = by_code->steps;
  SetRows rows(sets.size());
  for (xg_kind kind : {XG_KIND_IPV4, XG_KIND_IPV6}) {
    const auto regions = set_regions(kind, sets, rows);
    auto trie = sections.add_trie(regions);
    if (!trie) return std::unexpected(trie.error());
    tables.set_root[kind] = trie->root;
    tables.set_steps[kind] = trie->steps;
    tables.filter[kind] = make_filter(kind, regions);
  }
  if (rows.words.size() > kMaxRowWords) {
    return failure({"compile", "",
                    "the address sets overlap in more ways than an image "
                    "can hold",
                    "use fewer sets, or let them overlap less"});
  }
  sections.finish();
  tables.codes.resize(prefixes.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    tables.codes[order[i]] = codes.prefixes[i];
  }
  tables.tries = std::move(sections.entries);
  tables.forks = std::move(sections.forks);
  tables.rows = std::move(rows.words);
  tables.row_words = rows.row_words;
  return tables;
}

}  // namespace xdpgate
