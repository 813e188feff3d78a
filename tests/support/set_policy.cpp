// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/set_policy.h"

#include <fmt/format.h>

#include "policy/names_address.h"

namespace xdpgate::test {
namespace {

U128 last_of(unsigned bits) {
  return bits == 128 ? ~U128{0} : (U128{1} << bits) - 1;
}

// `length` bits of `value`, the rest 0.
U128 cut_to(U128 value, unsigned length, unsigned bits) {
  return length == 0 ? 0 : value & ~last_of(bits - length) & last_of(bits);
}

std::string text_of(U128 value, unsigned bits) {
  return to_text(Address{bits == 128 ? Family::kIpv6 : Family::kIpv4, value});
}

class Writer {
 public:
  explicit Writer(std::uint64_t seed) : dice_(seed) {
    for (int i = 0; i < 8; ++i) {
      v4_.push_back(number(32));
      v6_.push_back(U128{0x20010db8} << 96 | number(128) >> 32);
    }
    v4_.push_back(last_of(32));
    v6_.push_back(last_of(128));
  }

  std::string policy(std::size_t sets, std::size_t elements) {
    std::string text =
        fmt::format("version: 1\nname: sets\ndefault: {}\nsets:\n",
                    dice_.pick({"pass", "drop"}));
    for (std::size_t i = 0; i < sets; ++i) text += set(i, elements);
    text += "rules:\n";
    for (std::size_t i = 0; i < 2 * sets; ++i) text += rule(i, sets);
    return text;
  }

 private:
  U128 number(unsigned bits) {
    return (U128{dice_.below(1ull << 32)} << 96 |
            U128{dice_.below(1ull << 32)} << 64 |
            U128{dice_.below(1ull << 32)} << 32 | dice_.below(1ull << 32)) &
           last_of(bits);
  }

  // Near one of a few addresses, with which it shares any number of bits.
  U128 address(unsigned bits) {
    const U128 near = dice_.pick(bits == 128 ? v6_ : v4_);
    const auto shared = static_cast<unsigned>(dice_.below(bits + 1));
    if (shared == bits) return near;
    return cut_to(near, shared, bits) | (number(bits) & last_of(bits - shared));
  }

  // Wide ones are rare: they would swallow all others.
  std::string element(unsigned bits) {
    const U128 a = address(bits);
    const bool wide = dice_.one_in(500);
    switch (dice_.below(4)) {
      case 0:
        return text_of(a, bits);
      case 1: {
        const U128 room = last_of(bits) - a;
        const U128 more = wide ? number(bits) : dice_.below(5'000);
        return fmt::format("{}-{}", text_of(a, bits),
                           text_of(a + std::min(room, more), bits));
      }
      default: {
        const auto length =
            static_cast<unsigned>(dice_.between(wide ? 0 : bits / 2, bits));
        return fmt::format("{}/{}", text_of(cut_to(a, length, bits), bits),
                           length);
      }
    }
  }

  std::string set(std::size_t number, std::size_t elements) {
    const std::uint64_t count = dice_.between(1, elements);
    std::string text =
        fmt::format("  s{}: {{type: address, elements: [", number);
    for (std::uint64_t i = 0; i < count; ++i) {
      text += fmt::format("{}\"{}\"", i ? ", " : "",
                          element(dice_.one_in(2) ? 128 : 32));
    }
    // One of each family, so that no rule contradicts itself.
    return text + ", 192.0.2.77, \"2001:db8::77\"]}\n";
  }

  std::string side(std::size_t sets) {
    std::string value = fmt::format("\"@s{}\"", dice_.below(sets));
    if (dice_.one_in(4)) {
      value = fmt::format("[{}, \"@s{}\", \"{}\"]", value, dice_.below(sets),
                          element(dice_.one_in(2) ? 128 : 32));
    }
    return dice_.one_in(3) ? fmt::format("{{not: {}}}", value) : value;
  }

  std::string rule(std::size_t number, std::size_t sets) {
    std::string match;
    const auto sides = dice_.below(3);
    if (sides != 1) match = "src: " + side(sets);
    if (sides == 2) match += ", ";
    if (sides != 0) match += "dst: " + side(sets);
    return fmt::format(
        "  - {{name: r{}, match: {{{}}}, action: {}}}\n", number, match,
        dice_.one_in(4)
            ? dice_.pick({"pass", "drop", "reject", "{redirect: i1}"})
            : "count");
  }

  Dice dice_;
  std::vector<U128> v4_, v6_;
};

}  // namespace

std::string set_policy_text(std::uint64_t seed, std::size_t sets,
                            std::size_t elements) {
  return Writer(seed).policy(sets, elements);
}

SetPackets::SetPackets(const Policy& policy, std::uint64_t seed) : dice_(seed) {
  for (const NamedAddressSet& set : policy.address_sets) {
    for (const auto& [lo, hi] : set.elements.v4.intervals()) {
      v4_.push_back({lo, hi});
    }
    const auto& v6 = set.elements.v6.intervals();
    v6_.insert(v6_.end(), v6.begin(), v6.end());
  }
}

PacketSpec SetPackets::next() {
  const bool is_v6 = dice_.one_in(2);
  PacketSpec spec = default_spec(is_v6 ? Family::kIpv6 : Family::kIpv4);
  const auto& elements = is_v6 ? v6_ : v4_;
  spec.src = address(elements, is_v6 ? 128 : 32);
  spec.dst = address(elements, is_v6 ? 128 : 32);
  return spec;
}

U128 SetPackets::address(const std::vector<Interval<U128>>& elements,
                         unsigned bits) {
  const auto& [lo, hi] = dice_.pick(elements);
  switch (dice_.below(6)) {
    case 0:
      return (lo - 1) & last_of(bits);
    case 1:
      return lo;
    case 2:
      return hi;
    case 3:
      return (hi + 1) & last_of(bits);
    case 4:
      return lo + (hi - lo) / 2;
    default:
      return lo ^ U128 { 1 } << dice_.below(bits);
  }
}

}  // namespace xdpgate::test
