// SPDX-License-Identifier: GPL-2.0-only
#include <net/if.h>
#include <sys/sysinfo.h>

#include "bpf/dispatcher.h"
#include "bpf/instance_dir.h"
#include "bpf/xdp_features.h"
#include "doctor/interface.h"

namespace xdpgate {
namespace {

// Why the instance's link on this interface is not native; 0: it is, or
// generic was asked for.
int refusal_noted(const std::string& state, const Carrier& carrier,
                  std::uint32_t ifindex) {
  const auto links = InstanceDir(state, carrier.instance).links();
  if (!links) return 0;
  for (const PinnedLink& link : *links) {
    if (link.ifindex == ifindex && link.netns == this_netns()) {
      return link.refused;
    }
  }
  return 0;
}

void ask_for_program(const std::string& state, const InterfaceRequest& request,
                     InterfaceFacts& facts) {
  const std::string& name = facts.link.name;
  const std::uint32_t ifindex = facts.link.ifindex;
  const auto carried = carried_by(ifindex, name);
  if (!carried) {
    facts.carrier = std::unexpected(carried.error());
    return;
  }
  facts.carrier = carrier_of(state, ifindex, *carried);
  if (!facts.carrier->instance.empty()) {
    facts.refused = refusal_noted(state, *facts.carrier, ifindex);
  }
  if (const auto found = dispatcher_on(ifindex, name); found && *found) {
    facts.dispatched = (*found)->beside(nullptr);
  }
  const bool free = carried->program_id == 0;
  if (request.try_native && free) facts.attempt = try_native(ifindex, name);
}

}  // namespace

std::optional<InterfaceFacts> look_at_interface(
    const std::string& name, const std::string& state,
    const InterfaceRequest& request) {
  const std::uint32_t ifindex = ::if_nametoindex(name.c_str());
  const auto link = ifindex == 0 ? std::nullopt : link_info(ifindex);
  if (!link) return std::nullopt;
  InterfaceFacts facts;
  facts.link = *link;
  facts.driver = driver_of(link->name);
  facts.offloads = offloads_of(link->name);
  facts.channels = channels_of(link->name);
  if (const auto peer = link_info(link->peer); link->peer != 0 && peer) {
    facts.peer = {peer->name, offloads_of(peer->name),
                  channels_of(peer->name)};
  }
  facts.cpus = static_cast<std::uint32_t>(::get_nprocs());
  facts.features = xdp_features(ifindex);
  facts.sends = send_ability(ifindex, link->name);
  ask_for_program(state, request, facts);
  return facts;
}

}  // namespace xdpgate
