// SPDX-License-Identifier: GPL-2.0-only
#include "packet/packet_sampler.h"

#include <algorithm>
#include <utility>

#include "packet/build_frame.h"
#include "policy/evaluate.h"

namespace xdpgate {
namespace {

constexpr int kGuesses = 16;
// Of each shape, where negated payloads leave it to chance.
constexpr int kTriesNegated = 8;

bool satisfies(const Policy& policy, const Match& match,
               const PacketSpec& spec) {
  const auto frame = build_frame(spec);
  const Packet packet = dissect(frame, spec.interface);
  return packet.packet_class == XG_CLASS_OK && matches(policy, match, packet);
}

bool any_negated(const Match& match) {
  return std::ranges::any_of(match.payload, &PayloadMatch::negated);
}

}  // namespace

PacketSampler::PacketSampler(const Policy& policy, Traffic traffic)
    : policy_(policy), traffic_(traffic), memory_(policy.rules.size()) {
  choose_interfaces();
}

// Where no rule asks for an interface, packets need none.
void PacketSampler::choose_interfaces() {
  std::vector<std::string> asked;
  for (const Rule& rule : policy_.rules) {
    if (!rule.match.interface) continue;
    const auto& names = rule.match.interface->names;
    asked.insert(asked.end(), names.begin(), names.end());
  }
  interfaces_ = policy_.interfaces;
  if (interfaces_.empty()) interfaces_ = asked;
  if (asked.empty()) interfaces_ = {""};
  auto taken = asked;
  taken.insert(taken.end(), interfaces_.begin(), interfaces_.end());
  int number = 0;
  do {
    unnamed_ = "other" + std::to_string(number++);
  } while (std::ranges::find(taken, unnamed_) != taken.end());
}

// Where a packet for `match` comes in: an interface that it names, or one of
// the policy's.
bool PacketSampler::set_interface(const Match& match, Dice& dice) {
  const auto& asked = match.interface;
  if (!asked) {
    interface_ = dice.pick(interfaces_);
    return true;
  }
  if (!asked->negated) {
    if (asked->names.empty()) return false;
    interface_ = dice.pick(asked->names);
    return true;
  }
  auto is_asked = [&](const std::string& name) {
    return std::ranges::find(asked->names, name) != asked->names.end();
  };
  interface_ = dice.pick(interfaces_);
  if (is_asked(interface_)) interface_ = unnamed_;
  return true;
}

std::optional<PacketSpec> PacketSampler::sample(std::uint32_t rule,
                                                Dice& dice) {
  return sample(policy_.rules[rule].match, memory_[rule], dice);
}

std::optional<PacketSpec> PacketSampler::sample(const Match& match,
                                                Dice& dice) {
  Memory memory;
  return sample(match, memory, dice);
}

std::optional<PacketSpec> PacketSampler::sample(const Match& match,
                                                Memory& memory, Dice& dice) {
  if (memory.impossible) return std::nullopt;
  const ShapeSpace space(policy_, match);
  std::optional<PacketSpec> found;
  if (!space.empty() && set_interface(match, dice)) {
    PacketDraw draw(policy_, match, space, traffic_, memory.outside, dice);
    found = guess(space, match, draw, memory, dice);
    if (!found) found = search(space, match, draw, memory);
  }
  memory.impossible = !found;
  return found;
}

std::optional<PacketSpec> PacketSampler::guess(const ShapeSpace& space,
                                               const Match& match,
                                               PacketDraw& draw,
                                               Memory& memory, Dice& dice) {
  for (int i = 0; i < kGuesses; ++i) {
    const bool known = memory.shape && i % 2 == 0;
    auto spec = attempt(match, known ? *memory.shape : space.any(traffic_, dice),
                        draw);
    if (spec) return spec;
  }
  return std::nullopt;
}

std::optional<PacketSpec> PacketSampler::search(const ShapeSpace& space,
                                                const Match& match,
                                                PacketDraw& draw,
                                                Memory& memory) {
  const int tries = any_negated(match) ? kTriesNegated : 1;
  for (const Shape& shape : space.all()) {
    for (int i = 0; i < tries; ++i) {
      auto spec = attempt(match, shape, draw);
      if (!spec) continue;
      memory.shape = shape;
      return spec;
    }
  }
  return std::nullopt;
}

std::optional<PacketSpec> PacketSampler::attempt(const Match& match,
                                                 const Shape& shape,
                                                 PacketDraw& draw) {
  auto spec = draw.draw(shape);
  if (!spec) return std::nullopt;
  spec->interface = interface_;
  if (!satisfies(policy_, match, *spec)) return std::nullopt;
  return spec;
}

}  // namespace xdpgate
