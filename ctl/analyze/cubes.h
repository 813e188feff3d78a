// SPDX-License-Identifier: GPL-2.0-only
// Sets of byte strings, told by single bits: what MAC masks, TCP flags and
// payload matches ask for. A cube settles some bits and leaves all others
// open; a set is a union of cubes that do not overlap.
#pragma once

#include <cstdint>
#include <vector>

#include "analyze/budget.h"

namespace xdpgate {

/// byte[at] & mask == value; mask is not 0, value has no bits outside of it.
struct ByteTest {
  std::uint32_t at = 0;
  std::uint8_t mask = 0;
  std::uint8_t value = 0;
  friend bool operator==(const ByteTest&, const ByteTest&) = default;
};

/// All tests hold; sorted by place, a place at most once. Without tests: all
/// strings.
using Cube = std::vector<ByteTest>;
using CubeSet = std::vector<Cube>;

/// All strings.
[[nodiscard]] CubeSet every_string();

/// What is in both; cubes without overlap give cubes without overlap. Work
/// that `budget` does not cover is not done: the result is then worthless.
[[nodiscard]] CubeSet intersected(const CubeSet& a, const CubeSet& b,
                                  Budget& budget);
/// What is in `a` and not in `b`; likewise.
[[nodiscard]] CubeSet without(const CubeSet& a, const CubeSet& b,
                              Budget& budget);
/// Whether some string is in both.
[[nodiscard]] bool meet(const CubeSet& a, const CubeSet& b, Budget& budget);

}  // namespace xdpgate
