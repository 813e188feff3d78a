// SPDX-License-Identifier: GPL-2.0-only
#include "compile/condition.h"

#include <algorithm>

namespace xdpgate {
namespace {

void append_number(std::string& key, std::uint32_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void append_bytes(std::string& key, const std::vector<std::uint8_t>& bytes) {
  append_number(key, static_cast<std::uint32_t>(bytes.size()));
  key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void append_test(std::string& key, const Test& test) {
  for (std::uint32_t number :
       {std::uint32_t{test.kind}, std::uint32_t{test.word},
        std::uint32_t{test.shift}, std::uint32_t{test.negated}, test.mask,
        test.a, test.b, static_cast<std::uint32_t>(test.numbers.size())}) {
    append_number(key, number);
  }
  for (const auto& [lo, hi] : test.numbers.intervals()) {
    append_number(key, lo);
    append_number(key, hi);
  }
  append_bytes(key, test.bytes);
  append_bytes(key, test.bytes_mask);
}

bool narrow(Interval<std::uint32_t>& range,
            const Interval<std::uint32_t>& other) {
  range.lo = std::max(range.lo, other.lo);
  range.hi = std::min(range.hi, other.hi);
  return range.lo <= range.hi;
}

}  // namespace

bool Ternary::add(std::uint32_t more_mask, std::uint32_t more_value) {
  if (((value ^ more_value) & mask & more_mask) != 0) return false;
  mask |= more_mask;
  value |= more_value & more_mask;
  return true;
}

std::optional<Condition> Condition::with(const Condition& other) const {
  Condition both = *this;
  if (!narrow(both.src_port, other.src_port)) return std::nullopt;
  if (!narrow(both.dst_port, other.dst_port)) return std::nullopt;
  if (!both.proto.add(other.proto.mask, other.proto.value)) return std::nullopt;
  if (!both.l4.add(other.l4.mask, other.l4.value)) return std::nullopt;
  for (const Test& test : other.tests) {
    if (std::find(both.tests.begin(), both.tests.end(), test) ==
        both.tests.end()) {
      both.tests.push_back(test);
    }
  }
  return both;
}

std::string Condition::key() const {
  std::string key;
  for (std::uint32_t number :
       {src_port.lo, src_port.hi, dst_port.lo, dst_port.hi, proto.mask,
        proto.value, l4.mask, l4.value}) {
    append_number(key, number);
  }
  for (const Test& test : tests) append_test(key, test);
  return key;
}

Condition number_condition(xg_word word, unsigned shift, std::uint32_t mask,
                           const NumberSet& numbers) {
  Condition condition;
  if (numbers.covers(0, mask)) return condition;
  Test test;
  test.word = static_cast<std::uint8_t>(word);
  test.shift = static_cast<std::uint8_t>(shift);
  test.mask = mask;
  if (numbers.size() == 1) {
    test.kind = XG_TEST_RANGE;
    test.a = numbers.intervals()[0].lo;
    test.b = numbers.intervals()[0].hi;
  } else {
    test.kind = XG_TEST_BITMAP;
    test.numbers = numbers;
  }
  condition.tests.push_back(std::move(test));
  return condition;
}

Condition flag_condition(std::uint32_t set, std::uint32_t clear) {
  Condition condition;
  condition.proto = {set | clear, set};
  return condition;
}

}  // namespace xdpgate
