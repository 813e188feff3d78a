// SPDX-License-Identifier: GPL-2.0-only
// Which children of a cut a box reaches.
#include <algorithm>

#include "compile/cut.h"

namespace xdpgate {
namespace {

std::uint32_t low_bits(unsigned count) {
  return count >= 32 ? 0xffffffff : (1u << count) - 1;
}

void reach_prefix(std::uint32_t value, unsigned open, const Cut& cut,
                  ChildRanges& ranges) {
  const std::uint32_t last = cut.children() - 1;
  if (open >= static_cast<unsigned>(cut.shift) + cut.bits) {
    ranges.push_back({0, last});
    return;
  }
  const std::uint32_t index = value >> cut.shift & last;
  const std::uint32_t free = open > cut.shift ? low_bits(open - cut.shift) : 0;
  ranges.push_back({index & ~free, index | free});
}

// A range whose upper bits are not all fixed wraps around in the window.
void reach_ports(Interval<std::uint32_t> asked, const Ternary& known,
                 const Cut& cut, ChildRanges& ranges) {
  const unsigned half = cut.shift >= 16 ? 16 : 0;
  const auto possible = field_range(known, half, 16);
  const std::uint32_t lo = std::max(asked.lo, possible.lo);
  const std::uint32_t hi = std::min(asked.hi, possible.hi);
  if (lo > hi) return;
  const unsigned shift = cut.shift - half;
  const std::uint32_t last = cut.children() - 1;
  if ((hi >> shift) - (lo >> shift) >= last) {
    ranges.push_back({0, last});
  } else if ((lo >> shift & last) <= (hi >> shift & last)) {
    ranges.push_back({lo >> shift & last, hi >> shift & last});
  } else {
    ranges.push_back({0, hi >> shift & last});
    ranges.push_back({lo >> shift & last, last});
  }
}

void append_child(std::uint32_t child, ChildRanges& ranges) {
  if (!ranges.empty() && ranges.back().hi + 1 == child) {
    ranges.back().hi = child;
  } else {
    ranges.push_back({child, child});
  }
}

void reach_ternary(const Ternary& asked, const Cut& cut, ChildRanges& ranges) {
  const std::uint32_t last = cut.children() - 1;
  const std::uint32_t mask = asked.mask >> cut.shift & last;
  const std::uint32_t value = asked.value >> cut.shift & mask;
  if (mask == 0) {
    ranges.push_back({0, last});
    return;
  }
  const std::uint32_t free = last & ~mask;
  std::uint32_t subset = 0;  // counts through the subsets of `free`
  do {
    append_child(value | subset, ranges);
    subset = (subset - free) & free;
  } while (subset != 0);
}

// Leaves only the children that the tests on the word allow.
void filter_by_tests(const Condition& condition, const Region& region,
                     const Cut& cut, ChildRanges& ranges) {
  const ChildRanges before = std::move(ranges);
  const std::uint32_t window = (cut.children() - 1) << cut.shift;
  ranges.clear();
  for (const auto& [lo, hi] : before) {
    for (std::uint32_t child = lo; child <= hi; ++child) {
      Ternary known = region.known[cut.word];
      if (!known.add(window, child << cut.shift)) continue;
      if (tests_possible(condition, cut.word, known)) {
        append_child(child, ranges);
      }
    }
  }
}

// The children that the MAC tests allow, of a word with parts of addresses.
void reach_mac(const Condition& condition, const Cut& cut,
               ChildRanges& ranges) {
  Ternary asked;
  for (const Test& test : condition.tests) {
    if (!asks_mac_in(test, cut.word)) continue;
    const Ternary more = mac_bits(test, cut.word);
    if (!asked.add(more.mask, more.value)) return;
  }
  reach_ternary(asked, cut, ranges);
}

}  // namespace

std::vector<ServiceInfo> service_infos(const ServiceTable& services) {
  std::vector<ServiceInfo> infos(services.size());
  for (std::uint32_t i = 0; i < services.size(); ++i) {
    infos[i].condition = &services[i];
    for (const Test& test : services[i].tests) {
      if (test.kind == XG_TEST_RANGE || test.kind == XG_TEST_BITMAP) {
        infos[i].tested_words |= 1u << test.word;
      }
      if (test.kind == XG_TEST_MAC && !test.negated) {
        infos[i].tested_words |= 1u << mac_word(test) | 1u << XG_W_MACS;
      }
    }
  }
  return infos;
}

void reach(const Box& box, const ServiceInfo& service, const Region& region,
           const Cut& cut, ChildRanges& ranges) {
  ranges.clear();
  const Condition& condition = *service.condition;
  switch (cut.word) {
    case XG_W_SRC:
      reach_prefix(box.src, box.src_shift, cut, ranges);
      break;
    case XG_W_DST:
      reach_prefix(box.dst, box.dst_shift, cut, ranges);
      break;
    case XG_W_PORTS:
      reach_ports(cut.shift >= 16 ? condition.src_port : condition.dst_port,
                  region.known[XG_W_PORTS], cut, ranges);
      break;
    case XG_W_PROTO:
      reach_ternary(condition.proto, cut, ranges);
      break;
    case XG_W_L4:
      reach_ternary(condition.l4, cut, ranges);
      break;
    case XG_W_SMAC:
    case XG_W_DMAC:
    case XG_W_MACS:
      reach_mac(condition, cut, ranges);
      return;
    default:
      ranges.push_back({0, cut.children() - 1});
  }
  if (service.tested_words >> cut.word & 1) {
    filter_by_tests(condition, region, cut, ranges);
  }
}

}  // namespace xdpgate
