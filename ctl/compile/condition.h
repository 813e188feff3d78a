// SPDX-License-Identifier: GPL-2.0-only
// What a box asks of the key beside its address prefixes, before it is laid
// out as an xg_service: masks over two words, one interval a port, and tests.
#pragma once

#include <xdpgate/abi.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/interval_set.h"
#include "policy/policy.h"

namespace xdpgate {

/// One xg_test before layout: bitmaps and payloads by value, sets by index.
/// `a` of a kSet test is an index in a AddressSetTable until the sets are ranked.
struct Test {
  xg_test_kind kind = XG_TEST_RANGE;
  std::uint8_t word = 0;
  std::uint8_t shift = 0;
  bool negated = false;
  std::uint32_t mask = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  NumberSet numbers;                 ///< XG_TEST_BITMAP: the bits that are set
  std::vector<std::uint8_t> bytes;   ///< XG_TEST_PAYLOAD
  std::vector<std::uint8_t> bytes_mask;
  friend bool operator==(const Test&, const Test&) = default;
};

/// bits & mask == value, of one key word.
struct Ternary {
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
  /// Adds a condition; false where the two contradict each other.
  bool add(std::uint32_t more_mask, std::uint32_t more_value);
  friend bool operator==(const Ternary&, const Ternary&) = default;
};

/// A conjunction. A default one holds for every key.
struct Condition {
  Interval<std::uint32_t> src_port{0, 65535};
  Interval<std::uint32_t> dst_port{0, 65535};
  Ternary proto;  ///< of XG_W_PROTO
  Ternary l4;     ///< of XG_W_L4
  std::vector<Test> tests;

  /// This and `other`; none where they contradict each other.
  [[nodiscard]] std::optional<Condition> with(const Condition& other) const;
  /// A byte string that is equal exactly for equal conditions.
  [[nodiscard]] std::string key() const;
};

/// A condition on the bits `shift`.. of `word` under `mask` (contiguous from
/// bit 0): a RANGE or BITMAP test; nothing where `numbers` holds 0..mask.
[[nodiscard]] Condition number_condition(xg_word word, unsigned shift,
                                         std::uint32_t mask,
                                         const NumberSet& numbers);

/// A condition that flags of XG_W_PROTO are set (in `set`) or clear.
[[nodiscard]] Condition flag_condition(std::uint32_t set,
                                       std::uint32_t clear = 0);

}  // namespace xdpgate
