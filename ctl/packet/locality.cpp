// SPDX-License-Identifier: GPL-2.0-only
#include "packet/locality.h"

#include <algorithm>
#include <utility>

namespace xdpgate {
namespace {

void shuffle(std::vector<std::uint32_t>& items, Dice& dice) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[dice.below(i)]);
  }
}

}  // namespace

ItemOrder::ItemOrder(std::vector<std::uint32_t> items, Locality locality,
                     Dice& dice)
    : items_(std::move(items)), locality_(locality) {
  shuffle(items_, dice);
  if (locality == Locality::kEven) return;
  double sum = 0;
  for (std::size_t rank = 1; rank <= items_.size(); ++rank) {
    sum += 1.0 / static_cast<double>(rank);
    cumulative_.push_back(sum);
  }
}

std::uint32_t ItemOrder::next(Dice& dice) {
  if (locality_ == Locality::kEven) {
    if (at_ == items_.size()) {
      shuffle(items_, dice);
      at_ = 0;
    }
    return items_[at_++];
  }
  const double point = dice.fraction() * cumulative_.back();
  const auto found = std::ranges::upper_bound(cumulative_, point);
  return items_[static_cast<std::size_t>(found - cumulative_.begin())];
}

std::size_t ItemOrder::burst(Dice& dice) const {
  if (locality_ == Locality::kEven) return 1;
  const double length = 1.0 / (1.0 - dice.fraction());
  return length < kMaxBurst ? static_cast<std::size_t>(length) : kMaxBurst;
}

}  // namespace xdpgate
