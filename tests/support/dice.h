// SPDX-License-Identifier: GPL-2.0-only
// Seeded choices, the same on every machine: the distributions of the standard
// library are not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>

namespace xdpgate::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  /// 0 to limit - 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) {
    return random_() % limit;
  }
  /// lo to hi.
  [[nodiscard]] std::uint64_t between(std::uint64_t lo, std::uint64_t hi) {
    return lo + below(hi - lo + 1);
  }
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class Container>
  [[nodiscard]] const auto& pick(const Container& from) {
    return *(std::begin(from) + below(std::size(from)));
  }
  template <class T>
  [[nodiscard]] T pick(std::initializer_list<T> from) {
    return *(from.begin() + below(from.size()));
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace xdpgate::test
