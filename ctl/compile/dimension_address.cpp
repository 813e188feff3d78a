// SPDX-License-Identifier: GPL-2.0-only
// src, dst.
#include "compile/dimension.h"

namespace xdpgate {
namespace {

bool has_kind(const AddressSet& set, xg_kind kind) {
  return kind == XG_KIND_IPV4 ? !set.v4.empty() : !set.v6.empty();
}

bool holds_all(const AddressSet& set, xg_kind kind) {
  return kind == XG_KIND_IPV4 ? set.v4.covers(0, 0xffffffff)
                              : set.v6.covers(0, ~U128{0});
}

Condition one_test(xg_test_kind kind, std::uint8_t word, std::uint32_t set,
                   bool negated) {
  Test test;
  test.kind = kind;
  test.word = word;
  test.a = set;
  test.negated = negated;
  Condition condition;
  condition.tests.push_back(std::move(test));
  return condition;
}

Condition set_condition(std::uint32_t set, bool is_dst, bool negated) {
  return one_test(XG_TEST_SET, is_dst ? XG_W_DST_ROW : XG_W_SRC_ROW, set,
                  negated);
}

Condition dynamic_condition(const DynamicSettings& set, bool is_dst,
                            bool negated) {
  return one_test(XG_TEST_DYNAMIC, is_dst ? 1 : 0, set.number, negated);
}

std::vector<Prefix6> prefixes_of(const AddressSet& set, xg_kind kind) {
  std::vector<Prefix6> prefixes;
  if (kind == XG_KIND_IPV4) {
    for (const auto& [lo, hi] : set.v4.intervals()) {
      append_prefixes(lo, hi, 32, prefixes);
      if (prefixes.size() > kMaxAlternatives) break;
    }
    return prefixes;
  }
  for (const auto& [lo, hi] : set.v6.intervals()) {
    append_prefixes(lo, hi, 128, prefixes);
    if (prefixes.size() > kMaxAlternatives) break;
  }
  return prefixes;
}

// None of the listed addresses, none of the sets: one alternative.
std::vector<AddressAlternative> none_of(const AddressMatch& match, bool is_dst,
                                        xg_kind kind, ShapeContext& context) {
  AddressAlternative alternative;
  auto exclude = [&](const Condition& condition) {
    alternative.sets = std::move(*alternative.sets.with(condition));
  };
  if (has_kind(match.listed, kind)) {
    if (holds_all(match.listed, kind)) return {};
    exclude(set_condition(context.sets.use_listed(match.listed), is_dst, true));
  }
  for (std::uint32_t named : match.sets) {
    const NamedAddressSet& set = context.policy.address_sets[named];
    if (set.dynamic) {
      exclude(dynamic_condition(*set.dynamic, is_dst, true));
    } else if (has_kind(set.elements, kind)) {
      exclude(set_condition(context.sets.use_named(named), is_dst, true));
    }
  }
  return {alternative};
}

// The union of everything listed, as one set; dynamic sets have no elements.
AddressSet all_listed(const AddressMatch& match, const Policy& policy) {
  AddressSet all = match.listed;
  for (std::uint32_t named : match.sets) {
    const AddressSet& elements = policy.address_sets[named].elements;
    all.v4 = all.v4.united(elements.v4);
    all.v6 = all.v6.united(elements.v6);
  }
  return all;
}

}  // namespace

void append_prefixes(U128 lo, U128 hi, unsigned bits,
                     std::vector<Prefix6>& prefixes) {
  const U128 last = bits == 128 ? ~U128{0} : (U128{1} << bits) - 1;
  for (;;) {
    unsigned host = 0;  // widest aligned block that starts at lo and fits
    while (host < bits && (lo >> host & 1) == 0) {
      const U128 block = host + 1 == 128 ? last : (U128{1} << (host + 1)) - 1;
      if (lo + block > hi || lo + block < lo) break;
      ++host;
    }
    prefixes.push_back({lo << (128 - bits),
                        static_cast<std::uint8_t>(bits - host)});
    const U128 end = lo + (host == 128 ? last : (U128{1} << host) - 1);
    if (end >= hi) return;
    lo = end + 1;
  }
}

std::vector<AddressAlternative> address_alternatives(const AddressMatch& match,
                                                     bool is_dst, xg_kind kind,
                                                     bool fold,
                                                     ShapeContext& context) {
  if (match.negated) return none_of(match, is_dst, kind, context);
  if (holds_all(match.listed, kind)) return {AddressAlternative{}};
  std::vector<AddressAlternative> result;
  auto add_set = [&](const AddressSet& set, auto&& index) {
    if (!has_kind(set, kind)) return;
    result.push_back({{}, set_condition(index(), is_dst, false)});
  };
  for (std::uint32_t named : match.sets) {
    const auto& dynamic = context.policy.address_sets[named].dynamic;
    if (!dynamic) continue;
    result.push_back({{}, dynamic_condition(*dynamic, is_dst, false)});
  }
  if (fold && match.sets.size() > 1) {
    const AddressSet all = all_listed(match, context.policy);
    add_set(all, [&] { return context.sets.use_listed(all); });
    return result;
  }
  for (std::uint32_t named : match.sets) {
    add_set(context.policy.address_sets[named].elements,
            [&] { return context.sets.use_named(named); });
  }
  auto prefixes = prefixes_of(match.listed, kind);
  if (prefixes.size() > kMaxAlternatives || (fold && prefixes.size() > 1)) {
    add_set(match.listed,
            [&] { return context.sets.use_listed(match.listed); });
    return result;
  }
  for (const Prefix6& prefix : prefixes) result.push_back({prefix, {}});
  return result;
}

}  // namespace xdpgate
