// SPDX-License-Identifier: GPL-2.0-only
// Tries, rows and codes against plain containment, on random and boundary
// addresses.
#include "compile/address_tables.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <random>

#include "compile/layout.h"
#include "tests/compile/trie_host.h"

namespace xdpgate {
namespace {

constexpr std::uint64_t kSeed = 4711;

U128 random128(std::mt19937_64& rng) { return U128{rng()} << 64 | rng(); }

// Tables, and what an image has of them.
struct Tables {
  explicit Tables(const std::vector<Prefix6>& prefixes,
                  const std::vector<AddressSet>& sets)
      : prefixes_(prefixes), sets_(sets) {
    std::vector<const AddressSet*> pointers;
    for (const auto& set : sets_) pointers.push_back(&set);
    auto built = build_address_tables(prefixes_, pointers);
    EXPECT_TRUE(built) << built.error().line();
    tables_ = std::move(*built);
    xg_header header{};
    image_.resize(sizeof(header));
    header.tries_off = append(image_, tables_.tries, kSectionAlign);
    header.forks_off = append(image_, tables_.forks, kSectionAlign);
    std::memcpy(image_.data(), &header, sizeof(header));
    size_ = static_cast<std::uint32_t>(image_.size());
    image_.resize(size_ + XG_READ_MAX);
  }

  [[nodiscard]] std::uint32_t find(std::uint32_t root,
                                   U128 left_aligned) const {
    return trie_host_find(image_.data(), size_, root,
                          static_cast<std::uint64_t>(left_aligned >> 64),
                          static_cast<std::uint64_t>(left_aligned));
  }
  [[nodiscard]] std::uint32_t most_steps() const {
    return std::max({tables_.code_steps, tables_.set_steps[XG_KIND_IPV4],
                     tables_.set_steps[XG_KIND_IPV6]});
  }
  [[nodiscard]] bool bit(std::uint32_t row, std::size_t set) const {
    return tables_.rows.at(row * tables_.row_words + set / 32) >> (set % 32) &
           1;
  }
  // Where a filter answers, it is right.
  void check_filter(xg_kind kind, U128 left_aligned, std::uint32_t row) const {
    const auto& filter = tables_.filter[kind];
    if (!filter) return;
    const std::uint32_t bit =
        xg_filter_bit(kind, static_cast<std::uint64_t>(left_aligned >> 64));
    if (filter->words[bit / 32] >> bit % 32 & 1) return;
    ASSERT_EQ(row, filter->row);
    ++filtered_;
  }
  void check_v4(std::uint32_t value) const {
    const auto row = find(tables_.set_root[XG_KIND_IPV4], U128{value} << 96);
    check_filter(XG_KIND_IPV4, U128{value} << 96, row);
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      ASSERT_EQ(bit(row, i), sets_[i].v4.contains(value))
          << "set " << i << " address " << value;
    }
  }
  void check_v6(U128 value) const {
    const auto row = find(tables_.set_root[XG_KIND_IPV6], value);
    check_filter(XG_KIND_IPV6, value, row);
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      ASSERT_EQ(bit(row, i), sets_[i].v6.contains(value)) << "set " << i;
    }
    const std::uint32_t code = find(tables_.code_root, value);
    ASSERT_LT(code, 1u << 30);
    for (std::size_t i = 0; i < prefixes_.size(); ++i) {
      ASSERT_EQ(has_code(i, code), holds(prefixes_[i], value))
          << "prefix " << i << " length " << int{prefixes_[i].length};
    }
  }
  [[nodiscard]] bool has_code(std::size_t prefix, std::uint32_t code) const {
    for (const CodePrefix& p : tables_.codes[prefix]) {
      if (p.length == 0 || (code ^ p.code) >> (32 - p.length) == 0) return true;
    }
    return false;
  }
  static bool holds(const Prefix6& p, U128 value) {
    return p.length == 0 || (p.value ^ value) >> (128 - p.length) == 0;
  }

  std::vector<Prefix6> prefixes_;
  std::vector<AddressSet> sets_;
  AddressTables tables_;
  std::vector<std::uint8_t> image_;
  std::uint32_t size_ = 0;
  mutable int filtered_ = 0;  // addresses that a filter answered for
};

// Prefixes that nest and touch: each extends or varies an earlier one.
std::vector<Prefix6> random_prefixes(std::mt19937_64& rng, int count) {
  std::vector<Prefix6> prefixes;
  for (int i = 0; i < count; ++i) {
    U128 value = random128(rng);
    if (!prefixes.empty() && rng() % 4 != 0) {
      value = prefixes[rng() % prefixes.size()].value ^
              (U128{1} << (rng() % 128));
    }
    const auto length = static_cast<std::uint8_t>(rng() % 129);
    value = length == 0 ? 0 : value >> (128 - length) << (128 - length);
    const Prefix6 prefix{value, length};
    if (std::ranges::find(prefixes, prefix) == prefixes.end()) {
      prefixes.push_back(prefix);
    }
  }
  return prefixes;
}

template <class T>
IntervalSet<T> random_intervals(std::mt19937_64& rng, int count, T mask) {
  std::vector<Interval<T>> intervals;
  for (int i = 0; i < count; ++i) {
    const T lo = static_cast<T>(random128(rng)) & mask;
    const T size = static_cast<T>(random128(rng)) >> (rng() % (sizeof(T) * 8));
    const T hi = lo + size < lo ? static_cast<T>(~T{0}) : lo + size;
    intervals.push_back({lo, hi});
  }
  return IntervalSet<T>(intervals);
}

std::vector<AddressSet> random_sets(std::mt19937_64& rng, int count) {
  std::vector<AddressSet> sets(static_cast<std::size_t>(count));
  for (auto& set : sets) {
    set.v4 = random_intervals<std::uint32_t>(rng, rng() % 6, ~0u);
    set.v6 = random_intervals<U128>(rng, rng() % 6, ~U128{0});
  }
  return sets;
}

void check_boundaries(const Tables& tables) {
  for (const auto& set : tables.sets_) {
    for (const auto& [lo, hi] : set.v4.intervals()) {
      for (std::uint32_t a : {lo - 1, lo, hi, hi + 1}) tables.check_v4(a);
    }
    for (const auto& [lo, hi] : set.v6.intervals()) {
      for (U128 a : {lo - 1, lo, hi, hi + 1}) tables.check_v6(a);
    }
  }
  for (const Prefix6& p : tables.prefixes_) {
    const U128 last =
        p.length == 128 ? p.value : p.value | (~U128{0} >> p.length);
    for (U128 a : {p.value - 1, p.value, last, last + 1}) tables.check_v6(a);
  }
}

TEST(AddressTables, AgreeWithContainment) {
  for (std::uint64_t seed = kSeed; seed < kSeed + 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    const Tables tables(random_prefixes(rng, rng() % 40),
                        random_sets(rng, rng() % 40));
    check_boundaries(tables);
    for (int i = 0; i < 200; ++i) {
      tables.check_v4(static_cast<std::uint32_t>(rng()));
      tables.check_v6(random128(rng));
    }
    EXPECT_LT(tables.most_steps(), XG_TRIE_MAX_STEPS);
  }
}

TEST(AddressTables, NothingToTellApartTakesNoSpace) {
  const Tables tables({}, {});
  EXPECT_EQ(tables.tables_.rows.size(), 1u);
  EXPECT_TRUE(tables.tables_.tries.empty());
  EXPECT_EQ(tables.find(tables.tables_.code_root, ~U128{0}), 0u);
}

// Prefixes that end within a few bits of each other need no look-up.
TEST(AddressTables, ABlockOfCloseLengthsIsReadNotLookedUp) {
  std::mt19937_64 rng(kSeed);
  std::vector<Prefix6> prefixes;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto length = static_cast<std::uint8_t>(48 + rng() % 17);
    const U128 value = U128{0x20010db800000000 | rng() % (1ull << 28)} << 64;
    const Prefix6 prefix{value >> (128 - length) << (128 - length), length};
    if (std::ranges::find(prefixes, prefix) == prefixes.end()) {
      prefixes.push_back(prefix);
    }
  }
  const Tables tables(prefixes, {});
  EXPECT_LE(tables.tables_.tries.size(), 16u);
  check_boundaries(tables);
}

TEST(AddressTables, AChainOfNestedPrefixesFallsBackToNumbers) {
  std::vector<Prefix6> chain;
  const U128 address = U128{0x20010db8} << 96 | 0x1234567;
  for (unsigned length = 0; length <= 128; ++length) {
    const U128 value = length == 0 ? 0 : address >> (128 - length)
                                             << (128 - length);
    chain.push_back({value, static_cast<std::uint8_t>(length)});
  }
  const Tables tables(chain, {});
  EXPECT_GT(tables.tables_.codes[64].size(), 1u);
  EXPECT_LT(tables.most_steps(), XG_TRIE_MAX_STEPS);
  check_boundaries(tables);
}

TEST(AddressTables, WholeSpacesAndSingleAddresses) {
  AddressSet all;
  all.v4 = NumberSet::range(0, ~0u);
  all.v6 = IntervalSet<U128>::range(0, ~U128{0});
  AddressSet ends;
  ends.v4 = NumberSet({{0, 0}, {~0u, ~0u}});
  ends.v6 = IntervalSet<U128>({{0, 0}, {~U128{0}, ~U128{0}}});
  const Tables tables({{0, 0}, {0, 128}, {~U128{0}, 128}},
                      {all, ends, AddressSet{}});
  check_boundaries(tables);
}

TEST(AddressTables, FiveThousandSets) {
  std::mt19937_64 rng(kSeed);
  std::vector<AddressSet> sets(5000);
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    std::vector<Interval<std::uint32_t>> hosts;
    for (std::uint32_t k = 0; k < 10; ++k) {
      const std::uint32_t base = (k * 5000 + i) << 8;
      hosts.push_back({base, base + 255});
    }
    sets[i].v4 = NumberSet(hosts);
  }
  const Tables tables({}, sets);
  for (int i = 0; i < 50; ++i) {
    tables.check_v4(static_cast<std::uint32_t>(rng() % (5000 * 10 * 256)));
  }
}

// Figures for docs/performance.md come from bench/; this one only has to fit.
TEST(AddressTables, AMillionPrefixes) {
  std::mt19937_64 rng(kSeed);
  std::vector<Interval<std::uint32_t>> v4;
  std::vector<Interval<U128>> v6;
  for (int i = 0; i < 1000000; ++i) {
    const auto open = static_cast<unsigned>(rng() % 9);
    const auto lo = static_cast<std::uint32_t>(rng()) >> open << open;
    v4.push_back({lo, lo | ((1u << open) - 1)});
    const unsigned open6 = 64 + static_cast<unsigned>(rng() % 17);
    const U128 lo6 = random128(rng) >> open6 << open6;
    v6.push_back({lo6, lo6 | ((U128{1} << open6) - 1)});
  }
  std::vector<AddressSet> sets(1);
  sets[0] = {NumberSet(v4), IntervalSet<U128>(v6)};
  const auto start = std::chrono::steady_clock::now();
  const Tables tables({}, sets);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  std::printf("1M + 1M prefixes: %.2f s, %.1f MB, %u steps\n", took.count(),
              static_cast<double>(tables.size_) / 1e6,
              tables.most_steps());
  for (int i = 0; i < 20000; ++i) {
    tables.check_v4(static_cast<std::uint32_t>(rng()));
    tables.check_v6(random128(rng));
    tables.check_v4(v4[rng() % v4.size()].lo);
    tables.check_v6(v6[rng() % v6.size()].hi);
  }
  EXPECT_LT(tables.size_, 40u << 20);
  EXPECT_GT(tables.filtered_, 20'000);  // of the 40,000 random ones
}

}  // namespace
}  // namespace xdpgate
