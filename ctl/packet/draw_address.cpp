// SPDX-License-Identifier: GPL-2.0-only
#include "packet/draw_address.h"

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace xdpgate {
namespace {

constexpr int kGuesses = 32;
constexpr int kMacSteps = 100'000;

template <class T>
constexpr bool kIsV4 = std::is_same_v<T, std::uint32_t>;

template <class T>
const IntervalSet<T>& of(const AddressSet& set) {
  if constexpr (kIsV4<T>) {
    return set.v4;
  } else {
    return set.v6;
  }
}

// The lists of one match, in one family.
template <class T>
class Lists {
 public:
  Lists(const Policy& policy, const AddressMatch& match)
      : policy_(policy), match_(match) {}

  [[nodiscard]] std::size_t count() const { return 1 + match_.sets.size(); }
  [[nodiscard]] const IntervalSet<T>& operator[](std::size_t i) const {
    if (i == 0) return of<T>(match_.listed);
    return of<T>(policy_.address_sets[match_.sets[i - 1]].elements);
  }
  [[nodiscard]] std::size_t intervals() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < count(); ++i) sum += (*this)[i].size();
    return sum;
  }
  /// Counted through all lists.
  [[nodiscard]] Interval<T> interval(std::size_t number) const {
    std::size_t i = 0;
    while (number >= (*this)[i].size()) number -= (*this)[i++].size();
    return (*this)[i].intervals()[number];
  }
  [[nodiscard]] bool contain(T address) const {
    for (std::size_t i = 0; i < count(); ++i) {
      if ((*this)[i].contains(address)) return true;
    }
    return false;
  }
  [[nodiscard]] IntervalSet<T> complement() const {
    std::vector<Interval<T>> all;
    for (std::size_t i = 0; i < count(); ++i) {
      const auto& some = (*this)[i].intervals();
      all.insert(all.end(), some.begin(), some.end());
    }
    return IntervalSet<T>(std::move(all)).complement(~T{0});
  }

 private:
  const Policy& policy_;
  const AddressMatch& match_;
};

template <class T>
std::optional<T> draw_inside(const Lists<T>& lists, Bits<T> bits, Dice& dice) {
  const std::size_t intervals = lists.intervals();
  if (intervals == 0) return std::nullopt;
  auto found = draw(lists.interval(dice.below(intervals)), bits, dice);
  for (std::size_t i = 0; !found && i < lists.count(); ++i) {
    found = draw(lists[i], bits, dice);
  }
  return found;
}

template <class T>
T plausible(Dice& dice) {
  const auto family = kIsV4<T> ? Family::kIpv4 : Family::kIpv6;
  return static_cast<T>(plausible_address(family, dice));
}

// Next to one of the intervals, or anywhere.
template <class T>
T guess_outside(const Lists<T>& lists, Dice& dice) {
  const std::size_t intervals = lists.intervals();
  if (intervals == 0 || dice.one_in(2)) return plausible<T>(dice);
  const Interval<T> near = lists.interval(dice.below(intervals));
  return dice.one_in(2) ? near.hi + 1 : near.lo - 1;
}

template <class T>
std::optional<T> draw_outside(const Lists<T>& lists, Bits<T> bits,
                              std::unique_ptr<Outside>& outside, Dice& dice) {
  for (int i = 0; !outside && i < kGuesses; ++i) {
    const T guess = bits.forced(guess_outside(lists, dice));
    if (!lists.contain(guess)) return guess;
  }
  if (!outside) outside = std::make_unique<Outside>();
  auto& known = [&]() -> IntervalSet<T>& {
    if constexpr (kIsV4<T>) {
      return outside->v4;
    } else {
      return outside->v6;
    }
  }();
  if (known.empty()) known = lists.complement();
  return draw(known, bits, dice);
}

template <class T>
std::optional<U128> draw_typed(const Policy& policy, const AddressMatch& asked,
                               Bits<U128> wide,
                               std::unique_ptr<Outside>& outside, Dice& dice) {
  const Lists<T> lists(policy, asked);
  const Bits<T> bits{static_cast<T>(wide.mask), static_cast<T>(wide.value)};
  const auto found = asked.negated ? draw_outside(lists, bits, outside, dice)
                                   : draw_inside(lists, bits, dice);
  if (!found) return std::nullopt;
  return U128{*found};
}

using Mac = Bits<std::uint64_t>;
constexpr std::uint64_t kAllOfMac = 0xffff'ffff'ffff;

std::optional<Mac> both(Mac a, Mac b) {
  if (((a.value ^ b.value) & a.mask & b.mask) != 0) return std::nullopt;
  return Mac{a.mask | b.mask, a.value | b.value};
}

// Settles bits until none of the patterns can match: one bit of each that
// still could, tried in turn. Gives up after `steps`.
std::optional<Mac> avoid(std::span<const MacPattern> patterns, Mac bits,
                         int& steps, Dice& dice) {
  while (!patterns.empty()) {
    const Mac pattern{patterns[0].mask, patterns[0].value & patterns[0].mask};
    if (both(pattern, bits)) break;
    patterns = patterns.subspan(1);
  }
  if (patterns.empty()) return bits;
  const unsigned start = static_cast<unsigned>(dice.below(48));
  for (unsigned i = 0; i < 48 && --steps > 0; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << (start + i) % 48;
    if ((patterns[0].mask & bit) == 0 || (bits.mask & bit) != 0) continue;
    const Mac more{bits.mask | bit, bits.value | (~patterns[0].value & bit)};
    if (auto found = avoid(patterns.subspan(1), more, steps, dice)) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<Mac> settle(const MacMatch& asked, Mac bits, Dice& dice) {
  if (asked.negated) {
    int steps = kMacSteps;
    return avoid(asked.any_of, bits, steps, dice);
  }
  const std::size_t count = asked.any_of.size();
  const std::size_t start = dice.below(std::max<std::size_t>(count, 1));
  for (std::size_t i = 0; i < count; ++i) {
    const MacPattern& pattern = asked.any_of[(start + i) % count];
    const Mac one{pattern.mask, pattern.value & pattern.mask};
    if (auto found = both(one, bits)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<U128> draw_address(const Policy& policy,
                                 const AddressMatch* asked, Family family,
                                 Bits<U128> bits,
                                 std::unique_ptr<Outside>& outside,
                                 Dice& dice) {
  if (!asked) return bits.forced(plausible_address(family, dice));
  return family == Family::kIpv4
             ? draw_typed<std::uint32_t>(policy, *asked, bits, outside, dice)
             : draw_typed<U128>(policy, *asked, bits, outside, dice);
}

bool may_hold(const Policy& policy, const AddressMatch& match, Family family) {
  if (match.negated) return true;
  const bool v4 = family == Family::kIpv4;
  auto holds = [&](const AddressSet& set) {
    return v4 ? !set.v4.empty() : !set.v6.empty();
  };
  return holds(match.listed) ||
         std::ranges::any_of(match.sets, [&](std::uint32_t set) {
           return holds(policy.address_sets[set].elements);
         });
}

U128 plausible_address(Family family, Dice& dice) {
  if (family == Family::kIpv4) {
    const std::uint64_t net = dice.between(1, 222);
    return (net == 127 ? 223 : net) << 24 | dice.below(1 << 24);
  }
  constexpr U128 kGlobalUnicast = U128{0x2000} << 112;  // 2000::/3
  const U128 any = random_bits<U128>(dice) >> 3;
  // Every other interface identifier is a small number.
  const U128 host = dice.one_in(2) ? any & 0xffff : any & ~std::uint64_t{0};
  return kGlobalUnicast | (any >> 64 << 64) | host;
}

std::optional<std::uint64_t> draw_mac(const MacMatch* asked,
                                      std::uint64_t usual, Mac bits,
                                      Dice& dice) {
  if (!asked) return bits.forced(usual);
  const auto settled = settle(*asked, bits, dice);
  if (!settled) return std::nullopt;
  const std::uint64_t rest =
      dice.one_in(2) ? usual : random_bits<std::uint64_t>(dice) & kAllOfMac;
  return settled->forced(rest);
}

}  // namespace xdpgate
