// SPDX-License-Identifier: GPL-2.0-only
#include "packet/near_miss.h"

#include <utility>

#include "packet/draw_address.h"
#include "packet/random_packet.h"

namespace xdpgate {
namespace {

// Sound whatever the packet was, but for patches, which may lie anywhere.
void change_field(PacketSpec& spec, Family family, Dice& dice) {
  const PacketSpec other = random_packet(family, dice);
  spec.patches.clear();
  switch (dice.below(6)) {
    case 0:
      spec.src = other.src;
      break;
    case 1:
      spec.dst = other.dst;
      break;
    case 2:
      spec.src_port = other.src_port;
      break;
    case 3:
      spec.dst_port = other.dst_port;
      break;
    case 4:
      spec.protocol = other.protocol;
      spec.header_words = 0;
      break;
    default:
      std::swap(spec.src, spec.dst);
  }
}

PacketSpec with_interface(PacketSpec spec, const PacketSpec& of) {
  spec.interface = of.interface;
  return spec;
}

}  // namespace

PacketSpec near_miss(const PacketSpec& near, PacketSampler& anything,
                     Dice& dice) {
  const auto family = family_of(near);
  if (!family || dice.one_in(16)) {
    // A match of nothing holds for anything, so there is a sample.
    return with_interface(*anything.sample(Match(), dice), near);
  }
  if (dice.one_in(2)) return with_interface(random_packet(*family, dice), near);
  PacketSpec spec = near;
  for (auto changes = dice.between(1, 2); changes > 0; --changes) {
    change_field(spec, *family, dice);
  }
  return spec;
}

}  // namespace xdpgate
