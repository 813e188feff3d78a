// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/cubes.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace xdpgate {
namespace {

bool contradict(const ByteTest& a, const ByteTest& b) {
  return ((a.value ^ b.value) & a.mask & b.mask) != 0;
}

// Walks two cubes side by side: both(a, b) where they test the same byte,
// one(test) elsewhere; ends where both() says false.
template <class Both, class One>
bool walk(const Cube& a, const Cube& b, Both both, One one) {
  auto x = a.begin();
  auto y = b.begin();
  while (x != a.end() && y != b.end()) {
    if (x->at == y->at) {
      if (!both(*x++, *y++)) return false;
    } else {
      one(x->at < y->at ? *x++ : *y++);
    }
  }
  std::for_each(x, a.end(), one);
  std::for_each(y, b.end(), one);
  return true;
}

bool meet(const Cube& a, const Cube& b) {
  return walk(
      a, b,
      [](const ByteTest& x, const ByteTest& y) { return !contradict(x, y); },
      [](const ByteTest&) {});
}

std::optional<Cube> intersected(const Cube& a, const Cube& b) {
  Cube result;
  const bool sound = walk(
      a, b,
      [&](const ByteTest& x, const ByteTest& y) {
        result.push_back({x.at, static_cast<std::uint8_t>(x.mask | y.mask),
                          static_cast<std::uint8_t>(x.value | y.value)});
        return !contradict(x, y);
      },
      [&](const ByteTest& test) { result.push_back(test); });
  return sound ? std::optional(std::move(result)) : std::nullopt;
}

std::uint8_t mask_at(const Cube& cube, std::uint32_t at) {
  const auto found = std::ranges::lower_bound(cube, at, {}, &ByteTest::at);
  return found == cube.end() || found->at != at ? 0 : found->mask;
}

void settle(Cube& cube, std::uint32_t at, std::uint8_t bit, bool set) {
  auto place = std::ranges::lower_bound(cube, at, {}, &ByteTest::at);
  if (place == cube.end() || place->at != at) {
    place = cube.insert(place, {at, 0, 0});
  }
  place->mask |= bit;
  if (set) place->value |= bit;
}

// Each bit that `b` settles and `a` leaves open splits a part off.
void take_off(Cube a, const Cube& b, CubeSet& rest) {
  if (!meet(a, b)) {
    rest.push_back(std::move(a));
    return;
  }
  for (const ByteTest& test : b) {
    const auto open =
        static_cast<std::uint8_t>(test.mask & ~mask_at(a, test.at));
    for (unsigned shift = 0; shift < 8; ++shift) {
      const auto bit = static_cast<std::uint8_t>(1 << shift);
      if ((open & bit) == 0) continue;
      const bool set = (test.value & bit) != 0;
      rest.push_back(a);
      settle(rest.back(), test.at, bit, !set);
      settle(a, test.at, bit, set);
    }
  }
}

}  // namespace

CubeSet every_string() { return {Cube()}; }

CubeSet intersected(const CubeSet& a, const CubeSet& b, Budget& budget) {
  CubeSet result;
  if (!budget.spend(a.size() * b.size())) return result;
  for (const Cube& x : a) {
    for (const Cube& y : b) {
      if (auto both = intersected(x, y)) result.push_back(std::move(*both));
    }
  }
  return result;
}

CubeSet without(const CubeSet& a, const CubeSet& b, Budget& budget) {
  CubeSet rest = a;
  for (const Cube& off : b) {
    if (!budget.spend(rest.size() * (1 + off.size()))) break;
    CubeSet next;
    for (Cube& cube : rest) take_off(std::move(cube), off, next);
    rest = std::move(next);
  }
  return rest;
}

bool meet(const CubeSet& a, const CubeSet& b, Budget& budget) {
  if (!budget.spend(a.size() * b.size())) return true;
  return std::ranges::any_of(a, [&](const Cube& x) {
    return std::ranges::any_of(b, [&](const Cube& y) { return meet(x, y); });
  });
}

}  // namespace xdpgate
