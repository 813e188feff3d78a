// SPDX-License-Identifier: GPL-2.0-only
#include "compile/region.h"

#include <bit>

namespace xdpgate {
namespace {

std::uint32_t low_bits(unsigned count) {
  return count >= 32 ? 0xffffffff : (1u << count) - 1;
}

bool prefix_covers(std::uint32_t value, unsigned shift, const Ternary& known) {
  const std::uint32_t asked = shift >= 32 ? 0 : ~low_bits(shift);
  return (asked & ~known.mask) == 0 && ((value ^ known.value) & asked) == 0;
}

bool ternary_covers(const Ternary& asked, const Ternary& known) {
  return (asked.mask & ~known.mask) == 0 &&
         ((asked.value ^ known.value) & asked.mask) == 0;
}

bool contiguous(std::uint32_t mask) { return (mask & (mask + 1)) == 0; }

bool port_covers(const Interval<std::uint32_t>& asked, const Ternary& known,
                 unsigned shift) {
  if (asked.lo == 0 && asked.hi == 65535) return true;
  const auto range = field_range(known, shift, 16);
  return asked.lo <= range.lo && range.hi <= asked.hi;
}

enum class Truth { kNo, kMaybe, kYes };

// A mask test, where the mask is no plain field: a == b is the value.
Truth ternary_truth(const Test& test, const Ternary& known) {
  const std::uint32_t mask = test.mask << test.shift;
  const std::uint32_t value = test.a << test.shift;
  if (((value ^ known.value) & mask & known.mask) != 0) return Truth::kNo;
  return (mask & ~known.mask) == 0 ? Truth::kYes : Truth::kMaybe;
}

Truth field_truth(const Test& test, const Ternary& known) {
  if (test.kind == XG_TEST_RANGE && test.a == test.b) {
    return ternary_truth(test, known);
  }
  if (!contiguous(test.mask)) return Truth::kMaybe;
  const auto range = field_range(
      known, test.shift, static_cast<unsigned>(std::popcount(test.mask)));
  if (test.kind == XG_TEST_RANGE) {
    if (range.hi < test.a || range.lo > test.b) return Truth::kNo;
    return test.a <= range.lo && range.hi <= test.b ? Truth::kYes
                                                    : Truth::kMaybe;
  }
  if (!test.numbers.intersects(range.lo, range.hi)) return Truth::kNo;
  return test.numbers.covers(range.lo, range.hi) ? Truth::kYes : Truth::kMaybe;
}

Truth test_truth(const Test& test, const Ternary& known) {
  if (test.kind != XG_TEST_RANGE && test.kind != XG_TEST_BITMAP) {
    return Truth::kMaybe;
  }
  const Truth truth = field_truth(test, known);
  if (!test.negated || truth == Truth::kMaybe) return truth;
  return truth == Truth::kYes ? Truth::kNo : Truth::kYes;
}

}  // namespace

Region region_of(xg_kind kind) {
  Region region;
  Ternary& known = region.known[XG_W_PROTO];
  known.mask = XG_F_IPV4 | XG_F_IPV6;
  switch (kind) {
    case XG_KIND_IPV4:  // whose header tells the protocol
      known.mask |= XG_F_PROTO;
      known.value = XG_F_IPV4 | XG_F_PROTO;
      break;
    case XG_KIND_IPV6:
      known.value = XG_F_IPV6;
      break;
    default:
      known.mask |= XG_F_PROTO | XG_F_PORTS | XG_F_TCP | XG_F_ICMP |
                    XG_F_ICMPV6;
  }
  return region;
}

Interval<std::uint32_t> field_range(const Ternary& known, unsigned shift,
                                    unsigned width) {
  const std::uint32_t field = low_bits(width);
  const std::uint32_t mask = known.mask >> shift & field;
  const std::uint32_t value = known.value >> shift & field;
  unsigned open = width;  // bits below the known top bits
  while (open > 0 && (mask >> (open - 1) & 1) != 0) --open;
  const std::uint32_t lo = value & ~low_bits(open);
  return {lo, lo | low_bits(open)};
}

namespace {

bool word_covers(const Box& box, const Condition& condition, unsigned word,
                 const Ternary& known) {
  switch (word) {
    case XG_W_SRC:
      return prefix_covers(box.src, box.src_shift, known);
    case XG_W_DST:
      return prefix_covers(box.dst, box.dst_shift, known);
    case XG_W_PORTS:
      return port_covers(condition.src_port, known, 16) &&
             port_covers(condition.dst_port, known, 0);
    case XG_W_PROTO:
      return ternary_covers(condition.proto, known);
    default:
      return ternary_covers(condition.l4, known);
  }
}

}  // namespace

bool covers(const Box& box, const Condition& condition, const Region& region,
            unsigned but) {
  for (unsigned word : {XG_W_SRC, XG_W_DST, XG_W_PORTS, XG_W_PROTO, XG_W_L4}) {
    if (word == but) continue;
    if (!word_covers(box, condition, word, region.known[word])) return false;
  }
  for (const Test& test : condition.tests) {
    if (test.kind != XG_TEST_RANGE && test.kind != XG_TEST_BITMAP) return false;
    if (test.word == but) continue;
    if (test_truth(test, region.known[test.word]) != Truth::kYes) return false;
  }
  return true;
}

Region child_region(const Region& region, unsigned word, unsigned shift,
                    unsigned bits, std::uint32_t child) {
  Region inner = region;
  const std::uint32_t window = low_bits(bits) << shift;
  Ternary& known = inner.known[word];
  known.mask |= window;
  known.value = (known.value & ~window) | (child << shift & window);
  return inner;
}

bool tests_possible(const Condition& condition, unsigned word,
                    const Ternary& known) {
  for (const Test& test : condition.tests) {
    if (test.word == word && test_truth(test, known) == Truth::kNo) {
      return false;
    }
  }
  return true;
}

}  // namespace xdpgate
