// SPDX-License-Identifier: GPL-2.0-only
#include "packet/byte_demands.h"

#include <algorithm>

namespace xdpgate {

bool ByteDemands::add(ByteDemand demand) {
  auto known = std::ranges::find(all_, demand.at, &ByteDemand::at);
  if (known == all_.end()) {
    all_.push_back(demand);
    return true;
  }
  if (((known->value ^ demand.value) & known->mask & demand.mask) != 0) {
    return false;
  }
  known->mask |= demand.mask;
  known->value |= demand.value;
  return true;
}

}  // namespace xdpgate
