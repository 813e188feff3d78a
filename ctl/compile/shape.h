// SPDX-License-Identifier: GPL-2.0-only
// A rule as alternatives: for one kind of packet, each key that the rule asks
// for becomes a dimension with one or more alternatives; the rule's boxes are
// the product. Long lists are folded into one alternative (a set, a bitmap)
// where the product would grow too large.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compile/address_tables.h"
#include "compile/compile.h"
#include "compile/condition.h"
#include "compile/set_table.h"
#include "policy/policy.h"

namespace xdpgate {

/// Most boxes that a rule is expanded into before its lists are folded, and
/// most alternatives of one list.
inline constexpr std::size_t kMaxBoxes = 64;
inline constexpr std::size_t kMaxAlternatives = 16;

/// One way to satisfy `src` or `dst`: a prefix (length 0: any address) and
/// set tests. IPv4 prefixes stand in the top 32 bits of `prefix.value`.
struct AddressAlternative {
  Prefix6 prefix;
  Condition sets;
};

/// All ways to satisfy a rule for packets of one kind.
struct RuleShape {
  std::vector<AddressAlternative> src, dst;
  std::vector<Condition> rest;  ///< alternatives for all that is no address
};

/// What a shape is made from, beside the rule.
struct ShapeContext {
  const Policy& policy;
  const CompileOptions& options;
  AddressSetTable& sets;
};

/// The shape of `rule` for packets of `kind`; none where no such packet can
/// match.
[[nodiscard]] std::optional<RuleShape> shape_of(const Rule& rule, xg_kind kind,
                                            ShapeContext& context);

/// An interval of addresses of `bits` bits as prefixes (value left-aligned in
/// 128 bits, length at most `bits`).
void append_prefixes(U128 lo, U128 hi, unsigned bits,
                     std::vector<Prefix6>& prefixes);

}  // namespace xdpgate
