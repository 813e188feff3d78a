// SPDX-License-Identifier: GPL-2.0-only
#include "packet/miss_source.h"

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

MissSource::Source MissSource::choose(Dice& dice) const {
  constexpr double kShare[kSources] = {8, 8, 1};
  double weight[kSources], sum = 0;
  for (int i = 0; i < kSources; ++i) {
    weight[i] = kShare[i] * static_cast<double>(misses_[i] + 1) /
                static_cast<double>(tries_[i] + 1);
    sum += weight[i];
  }
  double point = dice.fraction() * sum;
  for (Source source : {kChanged, kOrdinary}) {
    if (point < weight[source]) return source;
    point -= weight[source];
  }
  return kAnything;
}

PacketSpec MissSource::draw(const PacketSpec& near, Dice& dice) {
  const auto family = family_of(near);
  last_ = family ? choose(dice) : kAnything;
  ++tries_[last_];
  if (last_ == kAnything) {
    // A match of nothing holds for anything, so there is a sample.
    return with_interface(*anything_.sample(Match(), dice), near);
  }
  if (last_ == kOrdinary) {
    return with_interface(random_packet(*family, dice), near);
  }
  PacketSpec spec = near;
  for (auto changes = dice.between(1, 2); changes > 0; --changes) {
    change_field(spec, *family, dice);
  }
  return spec;
}

void MissSource::learn(bool was_miss) { misses_[last_] += was_miss ? 1 : 0; }

}  // namespace xdpgate
