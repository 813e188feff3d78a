// SPDX-License-Identifier: GPL-2.0-only
// Seeded choices, the same on every machine: the distributions of the standard
// library are not. For made-up packets and policies, never for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>

namespace xdpgate {

/// A seeded source of choices; equal seeds, equal choices.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  /// 0 to 2^64 - 1.
  [[nodiscard]] std::uint64_t next() { return random_(); }
  /// 0 to limit - 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) {
    return random_() % limit;
  }
  /// lo to hi.
  [[nodiscard]] std::uint64_t between(std::uint64_t lo, std::uint64_t hi) {
    return hi - lo == ~std::uint64_t{0} ? next() : lo + below(hi - lo + 1);
  }
  /// 0 to 1, without 1.
  [[nodiscard]] double fraction() {
    return static_cast<double>(next() >> 11) * 0x1p-53;
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

}  // namespace xdpgate
