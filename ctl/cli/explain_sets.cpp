// SPDX-License-Identifier: GPL-2.0-only
#include "cli/explain_sets.h"

#include <optional>

#include "base/clock.h"
#include "bpf/running_sets.h"
#include "compile/element.h"
#include "compile/set_info.h"

namespace xdpgate {
namespace {

bool holds(const AddressRange& range, const std::optional<Address>& address) {
  return address && address->family == range.family &&
         range.lo <= address->value && address->value <= range.hi;
}

}  // namespace

Result<LiveSets> live_sets(const std::string& instance, const Image& image,
                           const Packet& packet) {
  const auto infos = set_infos(ImageView(image));
  if (!infos) return failure(infos.error());
  LiveSets live;
  for (std::uint32_t number = 0; number < infos->size(); ++number) {
    const std::string& name = (*infos)[number].name;
    const auto content = read_set({instance, name});
    if (!content) return failure(content.error());
    for (const TimedElement& timed : content->elements) {
      const AddressRange range = range_of(timed.element);
      if (holds(range, packet.src) || holds(range, packet.dst)) {
        live.elements.push_back({name, number, timed});
      }
    }
  }
  live.now_ns = boottime_ns();
  return live;
}

Result<void> fill(Engine& engine, const LiveSets& live) {
  if (live.now_ns != 0) engine.set_clock(live.now_ns);
  for (const auto& [set, number, timed] : live.elements) {
    auto added =
        engine.add_element(number, timed.element, timed.expires_ns);
    if (!added) return added;
  }
  return {};
}

FilterState state_of(const Policy& policy, const LiveSets& live) {
  FilterState state(policy);
  state.set_clock(live.now_ns);
  for (const auto& [set, number, timed] : live.elements) {
    for (std::uint32_t i = 0; i < policy.address_sets.size(); ++i) {
      if (policy.address_sets[i].name != set) continue;
      state.add(i, range_of(timed.element), timed.expires_ns);
    }
  }
  return state;
}

}  // namespace xdpgate
