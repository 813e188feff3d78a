// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/interface_plan.h"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>

#include "bpf/bpffs.h"
#include "bpf/carrier.h"
#include "bpf/dispatcher.h"
#include "bpf/link.h"
#include "bpf/port_totals.h"

namespace xdpgate {

Result<void> InterfacePlan::look_up(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::uint32_t ifindex = ::if_nametoindex(name.c_str());
    if (ifindex == 0) {
      return failure({"find the interface", name, "no such interface here",
                      "see `ip link`; other network namespaces have others"});
    }
    // Twice by the same name, or by one of its alternative names.
    const auto known =
        std::ranges::find(wanted_, ifindex, &Wanted::ifindex);
    if (known != wanted_.end()) continue;
    wanted_.push_back({});
    wanted_.back().name = name;
    wanted_.back().ifindex = ifindex;
  }
  return {};
}

Result<void> InterfacePlan::inspect(const std::vector<std::string>& names,
                                    const Entry& entry) {
  auto done = check_dispatcher();
  if (done) done = look_up(names);
  if (!done) return done;
  std::uint32_t entry_id = 0;
  if (entry.program) {
    auto id = program_id(entry.program.get());
    if (!id) return std::unexpected(id.error());
    entry_id = *id;
  }
  for (Wanted& interface : wanted_) {
    done = check_carried(interface, entry, entry_id);
    if (!done) return done;
  }
  auto links = dir_.links();
  if (!links) return std::unexpected(links.error());
  for (const PinnedLink& link : *links) {
    done = sort_link(link);
    if (!done) return done;
  }
  return {};
}

// The interface itself says whether it carries us: the index in a link may be
// that of another namespace's interface, once ours has moved there.
Result<void> InterfacePlan::check_carried(Wanted& interface,
                                          const Entry& entry,
                                          std::uint32_t entry_id) {
  auto carried = carried_by(interface.ifindex, interface.name);
  if (!carried) return std::unexpected(carried.error());
  if (carried->program_id == 0) return {};
  if (carried->program_id != entry_id) {
    if (looks_behind(interface, entry)) {
      return interface.attached ? check_mode(interface) : Result<void>{};
    }
    const Carrier other = carrier_of(state_, interface.ifindex, *carried);
    return failure({"attach the filter to", interface.name,
                    "it carries " + other.in_words(),
                    "detach that first: `" + other.removal(interface.name) +
                        "`"});
  }
  interface.attached = true;
  interface.mode = carried->mode;
  auto checked = check_place(interface);
  return checked ? check_mode(interface) : checked;
}

Result<void> InterfacePlan::check_dispatcher() const {
  if (!require_dispatcher_ || dispatcher_refusal() == 0) return {};
  return failure(system_error(
      "use libxdp's dispatcher on", "this kernel", dispatcher_refusal(),
      "leave out --require-dispatcher for a program of its own"));
}

// What is there already is left where it is.
Result<void> InterfacePlan::check_place(const Wanted& interface) const {
  if (!priority_ || dispatcher_refusal() != 0) return {};
  return failure({"apply to", interface.name,
                  "the filter is attached without libxdp's dispatcher",
                  "`xdpgate detach " + interface.name +
                      "` first, or leave out --priority"});
}

// Whether it carries a dispatcher: with the filter behind it, or to be joined.
bool InterfacePlan::looks_behind(Wanted& interface, const Entry& entry) const {
  auto dispatcher = dispatcher_on(interface.ifindex, interface.name);
  if (!dispatcher || !*dispatcher) return false;  // somebody else's
  const Dispatcher::Called* ours =
      entry.program ? (*dispatcher)->of(entry.program.get()) : nullptr;
  interface.attached = ours != nullptr;
  interface.mode = ours ? (*dispatcher)->mode : "";
  interface.priority =
      ours ? ours->priority : priority_.value_or(kDefaultPriority);
  interface.beside = (*dispatcher)->beside(ours);
  return true;
}

Result<void> InterfacePlan::check_mode(const Wanted& interface) const {
  const bool other =
      (mode_ == Mode::kNative && interface.mode != "native") ||
      (mode_ == Mode::kGeneric && interface.mode != "generic");
  if (!other) return {};
  return failure({"apply to", interface.name,
                  "the filter is attached in " + interface.mode + " mode",
                  "`xdpgate detach " + interface.name +
                      "` first, or leave the mode as it is"});
}

Result<void> InterfacePlan::sort_link(const PinnedLink& link) {
  const auto found =
      std::ranges::find(wanted_, link.ifindex, &Wanted::ifindex);
  if (link.ifindex != 0 && link.netns != this_netns()) {
    return failure({"apply", "`" + dir_.instance() + "`",
                    fmt::format("it runs on {} in another network namespace",
                                link.interface),
                    "give this policy another `name:`"});
  }
  if (link.ifindex == 0 || found == wanted_.end() || !found->attached) {
    stale_.push_back(link);
  } else {
    found->refused = link.refused;
    found->alone = link.alone;
  }
  return {};
}

bool InterfacePlan::is_in_place() const {
  return stale_.empty() && std::ranges::all_of(wanted_, &Wanted::attached);
}

Result<void> InterfacePlan::attach_new(const Entry& entry,
                                       std::uint64_t generation) {
  generation_ = generation;
  for (Wanted& interface : wanted_) {
    if (interface.attached) continue;
    auto attached = clear_port(entry.ports.get(), interface.ifindex);
    if (attached) attached = attach_one(interface, entry);
    if (!attached) return attached;
  }
  return {};
}

Result<void> InterfacePlan::attach_one_behind(Wanted& interface,
                                              const Entry& entry) {
  const BehindOptions options{interface.ifindex, interface.name, mode_,
                              *interface.priority};
  auto staged = dir_.stage_behind(generation_, entry, options);
  if (!staged) return staged;
  auto mode = attach_behind(entry, options);
  if (!mode) return std::unexpected(mode.error());
  interface.mode = mode->mode;
  interface.refused = mode->refused;
  interface.is_new = true;
  return {};
}

Result<void> InterfacePlan::attach_one(Wanted& interface, const Entry& entry) {
  const bool wants = priority_ || require_dispatcher_;
  if (wants && !interface.priority && dispatcher_refusal() == 0) {
    interface.priority = priority_.value_or(kDefaultPriority);
  }
  if (interface.priority) return attach_one_behind(interface, entry);
  auto link = attach(entry.program.get(), interface.ifindex, interface.name,
                     mode_);
  if (!link) return std::unexpected(link.error());
  if (wants) link->alone = interface.alone = dispatcher_refusal();
  interface.is_new = true;
  auto staged = dir_.stage_link(generation_, interface.name, *link);
  interface.mode = link->mode;
  interface.refused = link->refused;
  interface.link = std::move(link->fd);
  return staged;
}

std::vector<std::uint32_t> InterfacePlan::added() const {
  std::vector<std::uint32_t> result;
  for (const Wanted& interface : wanted_) {
    if (!interface.attached) result.push_back(interface.ifindex);
  }
  return result;
}

std::vector<std::uint32_t> InterfacePlan::removed() const {
  std::vector<std::uint32_t> result;
  for (const PinnedLink& link : stale_) {
    if (link.ifindex != 0) result.push_back(link.ifindex);
  }
  return result;
}

void InterfacePlan::undo() {
  (void)dir_.drop_staged_links(generation_);
  for (Wanted& interface : wanted_) interface.link.reset();
}

Result<void> InterfacePlan::settle() {
  auto adopted = dir_.adopt_links(generation_);
  if (!adopted) return adopted;
  auto links = dir_.links();
  if (!links) return std::unexpected(links.error());
  for (const PinnedLink& link : *links) {
    // A stale one may have been replaced by a new one of the same name.
    const bool stale = link.ifindex == 0 ||
                       std::ranges::any_of(stale_, [&](const auto& old) {
                         return old.path == link.path &&
                                old.ifindex == link.ifindex;
                       });
    if (!stale) continue;
    auto removed = remove_link(link);
    if (!removed) return removed;
  }
  return {};
}

std::vector<InterfaceStatus> InterfacePlan::describe() const {
  std::vector<InterfaceStatus> result;
  for (const Wanted& interface : wanted_) {
    result.push_back({interface.name, interface.ifindex, interface.mode,
                      interface.refused == 0
                          ? ""
                          : native_refusal(interface.refused),
                      interface.priority, interface.beside, {},
                      alone_text(interface.alone)});
  }
  return result;
}

std::vector<std::string> InterfacePlan::notes() const {
  std::vector<std::string> result;
  for (const Wanted& interface : wanted_) {
    if (interface.alone != 0) {
      result.push_back(
          fmt::format("{}: {}", interface.name, alone_text(interface.alone)));
    }
    if (!interface.is_new || interface.refused == 0) continue;
    result.push_back(
        fmt::format("{}: generic mode, since native mode was refused: {}",
                    interface.name, native_refusal(interface.refused)));
  }
  return result;
}

}  // namespace xdpgate
