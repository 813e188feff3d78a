// SPDX-License-Identifier: GPL-2.0-only
#include "compile/address_blocks.h"

#include <algorithm>

#include "compile/address_bits.h"

namespace xdpgate {
namespace {

class Finder {
 public:
  Finder(std::span<const Prefix6> prefixes, unsigned width)
      : prefixes_(prefixes), width_(width) {}

  std::vector<PrefixBlock> run() {
    find(0, prefixes_.size());
    return std::move(blocks_);
  }

 private:
  void find(std::size_t first, std::size_t last) {
    while (first < last) {
      const auto [least, most] = lengths(first, last);
      const U128 value = prefixes_[first].value;
      const unsigned common =
          std::min(common_bits(value, prefixes_[last - 1].value), least);
      if (most - common <= width_ || first + 1 == last) {
        add(first, last, common, most - common);
        return;
      }
      if (prefixes_[first].length == common) {  // it holds all the others
        add(first, first + 1, common, 0);
        ++first;
        continue;
      }
      const std::size_t middle = split(first, last, common);
      find(first, middle);
      first = middle;
    }
  }

  void add(std::size_t first, std::size_t last, unsigned length,
           unsigned width) {
    blocks_.push_back({{first_of(prefixes_[first].value, length),
                        static_cast<std::uint8_t>(length)},
                       static_cast<std::uint8_t>(width), first, last});
  }

  struct Lengths {
    unsigned least, most;
  };
  [[nodiscard]] Lengths lengths(std::size_t first, std::size_t last) const {
    Lengths found{128, 0};
    for (std::size_t i = first; i < last; ++i) {
      found.least = std::min<unsigned>(found.least, prefixes_[i].length);
      found.most = std::max<unsigned>(found.most, prefixes_[i].length);
    }
    return found;
  }

  // The first prefix of [first, last) whose bit behind `common` is set.
  [[nodiscard]] std::size_t split(std::size_t first, std::size_t last,
                                  unsigned common) const {
    const U128 bit = U128{1} << (127 - common);
    const auto part = prefixes_.subspan(first, last - first);
    const auto middle = std::partition_point(
        part.begin(), part.end(),
        [&](const Prefix6& p) { return (p.value & bit) == 0; });
    return first + static_cast<std::size_t>(middle - part.begin());
  }

  std::span<const Prefix6> prefixes_;
  unsigned width_;
  std::vector<PrefixBlock> blocks_;
};

}  // namespace

std::vector<PrefixBlock> find_blocks(std::span<const Prefix6> prefixes,
                                     unsigned width) {
  return Finder(prefixes, width).run();
}

}  // namespace xdpgate
