// SPDX-License-Identifier: GPL-2.0-only
// reattach_missing(): interfaces that went and came back carry the filter again.
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>

#include "bpf/bpffs.h"
#include "bpf/dispatcher.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/link.h"
#include "bpf/lock.h"
#include "bpf/port_totals.h"
#include "bpf/renumbered.h"
#include "bpf/snapshot.h"

namespace xdpgate {
namespace {

bool went_away(const PinnedLink& link) {
  return link.ifindex == 0 && link.netns == this_netns();
}

bool is_back(const PinnedLink& link) {
  return went_away(link) && ::if_nametoindex(link.interface.c_str()) != 0;
}

InterfaceStatus still_missing(const PinnedLink& link, const std::string& why) {
  return {link.interface, ::if_nametoindex(link.interface.c_str()), "detached",
          why};
}

Result<InterfaceStatus> attach_again_behind(const InstanceDir& dir,
                                            const PinnedLink& old,
                                            const Entry& entry,
                                            std::uint64_t generation) {
  const BehindOptions options{::if_nametoindex(old.interface.c_str()),
                              old.interface, old.asked, *old.priority};
  auto done = dir.stage_behind(generation, entry, options);
  if (!done) return std::unexpected(done.error());
  auto mode = attach_behind(entry, options);
  if (!mode) {
    (void)dir.drop_staged_links(generation);
    return std::unexpected(mode.error());
  }
  done = dir.adopt_links(generation);
  if (done) done = remove_link(old);
  if (!done) return std::unexpected(done.error());
  InterfaceStatus status{old.interface, options.ifindex, mode->mode, ""};
  status.priority = old.priority;
  return status;
}

// A link of its own to the interface that bears the old one's name now.
Result<InterfaceStatus> attach_again(const InstanceDir& dir,
                                     const PinnedLink& old,
                                     const Entry& entry,
                                     std::uint64_t generation) {
  const std::uint32_t ifindex = ::if_nametoindex(old.interface.c_str());
  auto carried = carried_by(ifindex, old.interface);
  if (!carried) return std::unexpected(carried.error());
  if (carried->program_id != 0 && !old.priority) {
    return failure({"attach the filter to", old.interface,
                    fmt::format("it carries XDP program {} ({})",
                                carried->program_id,
                                program_name(carried->program_id)),
                    "detach that first"});
  }
  if (old.priority) return attach_again_behind(dir, old, entry, generation);
  auto link = attach(entry.program.get(), ifindex, old.interface, old.asked);
  if (!link) return std::unexpected(link.error());
  link->alone = old.alone;
  // Over the old pin where that has the same name, else beside it.
  auto done = dir.stage_link(generation, old.interface, *link);
  if (done) done = dir.adopt_links(generation);
  if (!done) return std::unexpected(done.error());
  auto now = dir.links();
  if (!now) return std::unexpected(now.error());
  for (const PinnedLink& pinned : *now) {
    const bool replaced = pinned.path == old.path && pinned.ifindex == 0;
    if (!replaced) continue;
    done = remove_link(pinned);
    if (!done) return std::unexpected(done.error());
  }
  return InterfaceStatus{
      old.interface, ifindex, link->mode,
      link->refused == 0 ? "" : native_refusal(link->refused)};
}

Result<void> attach_those_back(const InstanceDir& dir, Reattachment& result) {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto lock = Lock::take(*state);
  if (!lock) return std::unexpected(lock.error());
  auto done = dir.recover();
  if (!done) return done;
  auto generation = generation_in_force(dir);
  if (!generation) return std::unexpected(generation.error());
  auto entry = dir.open_entry();
  if (!entry) return std::unexpected(entry.error());
  auto links = dir.links();
  if (!links) return std::unexpected(links.error());
  auto lease = dir.lease_in_force(*entry);
  if (!lease) return std::unexpected(lease.error());
  for (const PinnedLink& link : *links) {
    if (!is_back(link)) continue;
    if (*lease) {
      result.missing.push_back(
          still_missing(link, "a policy waits to be confirmed first"));
      continue;
    }
    auto cleared = clear_port(entry->ports.get(),
                              ::if_nametoindex(link.interface.c_str()));
    if (!cleared) return cleared;
    auto attached = attach_again(dir, link, *entry, generation->number());
    if (attached) {
      result.attached.push_back(std::move(*attached));
    } else {
      result.missing.push_back(still_missing(link, attached.error().line()));
    }
  }
  return {};
}

}  // namespace

Result<Reattachment> reattach_missing(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto links = dir->links();
  if (!links) return std::unexpected(links.error());
  Reattachment result;
  for (const PinnedLink& link : *links) {
    if (!went_away(link) || is_back(link)) continue;
    result.missing.push_back(still_missing(link, "the interface is gone"));
  }
  if (std::ranges::any_of(*links, is_back)) {
    auto done = attach_those_back(*dir, result);
    if (!done) return std::unexpected(done.error());
  }
  auto generation = generation_in_force(*dir);
  if (!generation) return std::unexpected(generation.error());
  auto renumbered = renumbered_interfaces(generation->image());
  if (!renumbered) return std::unexpected(renumbered.error());
  result.renumbered = std::move(*renumbered);
  return result;
}

}  // namespace xdpgate
