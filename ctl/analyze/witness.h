// SPDX-License-Identifier: GPL-2.0-only
// Packets that show what an analysis has found: drawn, built, and judged by
// the evaluator before anybody is told.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyze/box.h"
#include "base/dice.h"
#include "packet/packet_sampler.h"
#include "packet/packet_spec.h"
#include "policy/filter_state.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// A packet, as it would come in.
class Witness {
 public:
  explicit Witness(PacketSpec spec);

  [[nodiscard]] const PacketSpec& spec() const { return spec_; }
  [[nodiscard]] const std::vector<std::uint8_t>& frame() const {
    return frame_;
  }
  [[nodiscard]] const std::string& interface() const { return spec_.interface; }
  void come_in_by(std::string interface) {
    spec_.interface = std::move(interface);
  }
  /// As the evaluator reads it; it looks into this frame.
  [[nodiscard]] Packet packet() const;
  /// In words that `explain` and `test` read.
  [[nodiscard]] std::string text() const;

  /// Whether a packet shows what it should.
  using Shows = std::function<bool(const Packet& packet)>;
  /// With as many fields as `shows` lets pass the way that readers expect them:
  /// documentation addresses, usual ports, no tags, no fragments.
  [[nodiscard]] Witness tidied(const Shows& shows) const;

 private:
  PacketSpec spec_;
  std::vector<std::uint8_t> frame_;
};

/// What the filter remembers, so that `packet` is in all the dynamic sets of
/// `policy` that `box` asks for.
[[nodiscard]] FilterState state_for(const FieldBox& box, const Packet& packet,
                                    const Policy& policy, const Space& space);

/// Draws packets for rules and boxes of one policy, which must outlive it.
class WitnessSource {
 public:
  explicit WitnessSource(const Policy& policy)
      : sampler_(policy), dice_(kSeed) {}

  /// Of rule number `rule`; nothing where no well-formed packet matches it.
  [[nodiscard]] std::optional<Witness> of_rule(std::uint32_t rule);
  /// Meant to lie in `box`. May be of its neighbourhood only: hold it against
  /// what it is to show.
  [[nodiscard]] std::optional<Witness> of_box(const FieldBox& box,
                                              const Space& space);

 private:
  static constexpr std::uint64_t kSeed = 1;

  PacketSampler sampler_;
  Dice dice_;
};

}  // namespace xdpgate
