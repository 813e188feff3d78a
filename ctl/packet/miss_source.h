// SPDX-License-Identifier: GPL-2.0-only
// Packets that probably no rule is for.
#pragma once

#include <cstddef>

#include "base/dice.h"
#include "packet/packet_sampler.h"
#include "packet/packet_spec.h"

namespace xdpgate {

/// Draws from three sources: a packet of some rule with a field or two
/// changed, ordinary traffic of the same family, and, now and then, anything
/// that can be read. Sources that give misses are drawn from more often.
class MissSource {
 public:
  explicit MissSource(const Policy& policy)
      : anything_(policy, Traffic::kVaried) {}

  /// Something for no rule, perhaps; `near` is a packet of some rule.
  [[nodiscard]] PacketSpec draw(const PacketSpec& near, Dice& dice);
  /// Tells whether what was drawn last was a miss.
  void learn(bool was_miss);

 private:
  enum Source { kChanged, kOrdinary, kAnything, kSources };
  [[nodiscard]] Source choose(Dice& dice) const;

  PacketSampler anything_;
  Source last_ = kChanged;
  std::size_t tries_[kSources] = {}, misses_[kSources] = {};
};

}  // namespace xdpgate
