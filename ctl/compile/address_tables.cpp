// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_tables.h"

#include <algorithm>
#include <numeric>

#include "compile/address_codes.h"
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

}  // namespace

Result<AddressTables> build_address_tables(
    std::span<const Prefix6> prefixes,
    std::span<const AddressSet* const> sets) {
  const auto order = sorted_order(prefixes);
  std::vector<Prefix6> sorted;
  for (std::size_t i : order) sorted.push_back(prefixes[i]);
  const AddressCodes codes = make_codes(sorted);
  AddressClasses classes(sets.size());
  const auto v4 = ipv4_regions(sets, classes);
  const auto v6 = ipv6_regions(sorted, codes, sets, classes);
  if (classes.rows.size() > kMaxRowWords) {
    return failure({"compile", "",
                    "the address sets overlap in more ways than an image "
                    "can hold",
                    "use fewer sets, or let them overlap less"});
  }
  AddressTables tables;
  for (auto [kind, regions] : {std::pair(XG_KIND_IPV4, &v4),
                               std::pair(XG_KIND_IPV6, &v6)}) {
    auto root = append_trie(*regions, tables.tries, tables.max_steps);
    if (!root) return std::unexpected(root.error());
    tables.trie_root[kind] = *root;
  }
  tables.codes.resize(prefixes.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    tables.codes[order[i]] = codes.prefixes[i];
  }
  tables.addresses = std::move(classes.addresses);
  tables.rows = std::move(classes.rows);
  tables.row_words = classes.row_words;
  return tables;
}

}  // namespace xdpgate
