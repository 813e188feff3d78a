// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/witness.h"

#include <algorithm>
#include <utility>

#include "analyze/box_match.h"
#include "packet/build_frame.h"
#include "packet/frame_layout.h"
#include "packet/packet_text.h"

namespace xdpgate {
namespace {

// What stands behind the fragment header of a later fragment without protocol.
constexpr std::uint8_t kDestinationOptions = 60;
// A usual destination port where the source port is settled, and the reverse.
constexpr std::uint16_t kUsualPorts[] = {80, 443, 53, 22};

// Puts `spec` in place of the witness where that still shows the same.
class Tidier {
 public:
  Tidier(Witness witness, PacketSpec spec, const Witness::Shows& shows)
      : witness_(std::move(witness)), spec_(std::move(spec)), shows_(shows) {}

  Witness run() {
    const PacketSpec usual =
        default_spec(family_of(spec_).value_or(Family::kIpv4));
    take(&PacketSpec::tags, usual);
    take(&PacketSpec::fragment, usual);
    take(&PacketSpec::extensions, usual);
    take(&PacketSpec::option_words, usual);
    take(&PacketSpec::length, usual);
    take(&PacketSpec::data, usual);
    take(&PacketSpec::patches, usual);
    take(&PacketSpec::header_words, usual);
    take(&PacketSpec::src_mac, usual);
    take(&PacketSpec::dst_mac, usual);
    address(&PacketSpec::src, usual);
    address(&PacketSpec::dst, usual);
    take(&PacketSpec::ttl, usual);
    take(&PacketSpec::dscp, usual);
    take(&PacketSpec::ecn, usual);
    if (family_of(spec_)) upper(usual);
    return std::move(witness_);
  }

 private:
  // Whether the field is now as it is in `from`.
  template <class T>
  bool take(T PacketSpec::*field, const PacketSpec& from) {
    if (spec_.*field == from.*field) return true;
    PacketSpec changed = spec_;
    changed.*field = from.*field;
    Witness witness(changed);
    if (!shows_(witness.packet())) return false;
    spec_ = std::move(changed);
    witness_ = std::move(witness);
    return true;
  }

  // The usual one, or the first host of as wide a network as can be.
  void address(U128 PacketSpec::*field, PacketSpec usual) {
    if (!family_of(spec_) || take(field, usual)) return;
    const bool v4 = family_of(spec_) == Family::kIpv4;
    for (unsigned host_bits = v4 ? 24 : 96; host_bits > 0;
         host_bits -= v4 ? 8 : 16) {
      usual.*field = (spec_.*field >> host_bits << host_bits) + 1;
      if (take(field, usual)) return;
    }
  }

  void upper(PacketSpec usual) {
    take(&PacketSpec::protocol, usual);
    take(&PacketSpec::tcp_flags, usual);
    take(&PacketSpec::src_port, usual);
    for (std::uint16_t port : kUsualPorts) {
      usual.dst_port = port;
      if (take(&PacketSpec::dst_port, usual)) break;
    }
    take(&PacketSpec::icmp_code, usual);
  }

  Witness witness_;
  PacketSpec spec_;
  const Witness::Shows& shows_;
};

}  // namespace

Witness::Witness(PacketSpec spec)
    : spec_(std::move(spec)), frame_(build_frame(spec_)) {}

std::string Witness::text() const { return packet_text(packet()); }

Packet Witness::packet() const { return dissect(frame_, spec_.interface); }

Witness Witness::tidied(const Shows& shows) const {
  return Tidier(*this, spec_, shows).run();
}

FilterState state_for(const FieldBox& box, const Packet& packet,
                      const Policy& policy, const Space& space) {
  FilterState state(policy);
  if (!box.asks(kUnknown) || !packet.src) return state;
  for (const ByteTest& test : box.values[kUnknown]->cubes.front()) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      const auto* asked = space.dynamic_set(8 * test.at + bit);
      if (!asked || (test.value >> bit & 1) == 0) continue;
      const Address& a = asked->side == kSrc ? *packet.src : *packet.dst;
      const auto set = std::ranges::find(policy.address_sets, asked->set,
                                         &NamedAddressSet::name);
      if (set == policy.address_sets.end()) continue;
      state.add(static_cast<std::uint32_t>(set - policy.address_sets.begin()),
                {a.family, a.value, a.value}, 0);
    }
  }
  return state;
}

std::optional<Witness> WitnessSource::of_rule(std::uint32_t rule) {
  auto spec = sampler_.sample(rule, dice_);
  return spec ? std::optional(Witness(std::move(*spec))) : std::nullopt;
}

std::optional<Witness> WitnessSource::of_box(const FieldBox& box,
                                             const Space& space) {
  if (!box.kind->well_formed) return std::nullopt;
  auto spec = sampler_.sample(match_of(box, space, dice_), dice_);
  if (!spec) return std::nullopt;
  if (box.kind->family && !box.kind->has(kProtocol)) {
    spec->patches.push_back({PayloadBase::kEther,
                             layout_of(*spec).fragment_at,
                             {kDestinationOptions}});
  }
  return Witness(std::move(*spec));
}

}  // namespace xdpgate
