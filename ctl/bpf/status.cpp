// SPDX-License-Identifier: GPL-2.0-only
// status(), stats(), reports(), running_source(), running_interfaces().
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>

#include "bpf/bpffs.h"
#include "bpf/dispatcher.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/link.h"
#include "bpf/port_totals.h"
#include "bpf/renumbered.h"
#include "bpf/snapshot.h"
#include "compile/texts.h"
#include "policy/decision.h"

namespace xdpgate {
namespace {

xg_counter plain(const xg_base_counter& counter) {
  return {counter.packets, counter.bytes};
}

std::map<std::string, xg_counter> by_name(const PortTotals& verdicts) {
  std::map<std::string, xg_counter> result;
  for (std::size_t v = 0; v < verdicts.size(); ++v) {
    result[verdict_name(static_cast<xg_verdict>(v))] = verdicts[v];
  }
  return result;
}

// An only interface's are the instance's.
Result<void> add_port_totals(const InstanceDir& dir,
                             const Generation& generation,
                             InstanceStatus& status) {
  if (status.interfaces.size() == 1) {
    status.interfaces.front().verdicts = status.verdicts;
  }
  auto counted = generation.counts_ports();
  if (!counted) return std::unexpected(counted.error());
  if (status.interfaces.size() < 2 || !*counted) return {};
  auto entry = dir.open_entry();
  if (!entry) return std::unexpected(entry.error());
  for (InterfaceStatus& interface : status.interfaces) {
    if (interface.ifindex == 0) continue;
    auto totals = port_totals(entry->ports.get(), interface.ifindex);
    if (!totals) return std::unexpected(totals.error());
    interface.verdicts = by_name(*totals);
  }
  return {};
}

// What carries the filter is the program that the pin's calls the slots of.
void ask_dispatcher(const PinnedLink& link, InterfaceStatus& status) {
  const auto entry = open_pin(link.path);
  const auto dispatcher = dispatcher_on(link.ifindex, link.interface);
  const Dispatcher::Called* ours = entry && dispatcher && *dispatcher
                                       ? (*dispatcher)->of(entry->get())
                                       : nullptr;
  char name[IF_NAMESIZE];
  if (::if_indextoname(link.ifindex, name)) status.name = name;
  if (!ours) {
    status.why = "somebody took it off libxdp's dispatcher; apply again";
    return;
  }
  status.mode = (*dispatcher)->mode;
  status.priority = ours->priority;
  status.beside = (*dispatcher)->beside(ours);
}

// What an interface of this namespace says of itself.
void ask_interface(const PinnedLink& link, std::uint32_t entry_id,
                   InterfaceStatus& status) {
  if (link.priority) return ask_dispatcher(link, status);
  auto carried = carried_by(link.ifindex, link.interface);
  if (!carried || carried->program_id != entry_id) {
    status.why =
        "the interface went to another network namespace; it is filtered there";
    return;
  }
  char name[IF_NAMESIZE];
  if (::if_indextoname(link.ifindex, name)) status.name = name;
  status.mode = carried->mode;
  status.alone = alone_text(link.alone);
  if (link.refused != 0) {
    status.why = "native mode was refused: " + native_refusal(link.refused);
  } else if (status.mode == "generic") {
    status.why = "asked for";
  }
}

InterfaceStatus interface_status(const PinnedLink& link,
                                 std::uint32_t entry_id) {
  InterfaceStatus status{link.interface, link.ifindex, "detached", ""};
  const bool here = link.netns == this_netns();
  if (link.ifindex != 0 && !here) {
    status.mode = "attached";
    status.why = fmt::format("in another network namespace ({})", link.netns);
  } else if (link.ifindex != 0) {
    ask_interface(link, entry_id, status);
  } else if (here && ::if_nametoindex(link.interface.c_str()) != 0) {
    status.why = "the interface was made anew; apply again to filter on it";
  } else {
    status.why = "the interface is gone; apply again when it is back";
  }
  return status;
}

Result<void> add_lease_and_before(const InstanceDir& dir,
                                  const Generation& generation,
                                  InstanceStatus& status) {
  auto entry = dir.open_entry();
  if (!entry) return std::unexpected(entry.error());
  auto lease = dir.lease_status(*entry);
  if (!lease) return std::unexpected(lease.error());
  status.lease = *lease;
  auto before = dir.before(generation.number());
  if (!before) return std::unexpected(before.error());
  if (*before && (*before)->number() > 0) {
    status.before = {(*before)->number(), (*before)->image().header().size};
  }
  return {};
}

Result<InstanceStatus> status_of(const InstanceDir& dir, const Snapshot& now) {
  const Generation& generation = now.generation;
  InstanceStatus status;
  status.name = dir.instance();
  status.generation = generation.number();
  status.age_seconds = (boottime_ns() - generation.made_ns()) / 1'000'000'000;
  status.digest = generation.image().digest();
  status.rule_count = generation.image().rule_count();
  status.image_bytes = generation.image().header().size;
  status.verdicts = by_name(now.totals.verdicts);
  auto damage = generation.damage();
  if (!damage) return std::unexpected(damage.error());
  status.damage = damage->value_or("");
  auto links = dir.links();
  if (!links) return std::unexpected(links.error());
  for (const PinnedLink& link : *links) {
    status.interfaces.push_back(interface_status(link, now.entry_id));
  }
  auto told = add_port_totals(dir, generation, status);
  if (told) told = add_lease_and_before(dir, generation, status);
  if (!told) return std::unexpected(told.error());
  const auto is_here = [](const PinnedLink& link) {
    return link.netns == this_netns();
  };
  if (std::ranges::none_of(*links, is_here)) return status;
  auto renumbered = renumbered_interfaces(generation.image());
  if (!renumbered) return std::unexpected(renumbered.error());
  for (const std::string& name : *renumbered) {
    status.notes.push_back(fmt::format(
        "rules name {}, which came or was made anew since; apply again", name));
  }
  return status;
}

Result<InstanceStats> stats_of(const InstanceDir& dir, const Snapshot& now) {
  const ImageView image = now.generation.image();
  const auto texts = ImageTexts::of(image);
  if (!texts) return std::unexpected(texts.error());
  const auto& slots = now.totals.slots;
  InstanceStats result;
  result.instance = dir.instance();
  result.generation = now.generation.number();
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    const xg_base_counter& counter = slots[XG_SLOT_RULE + i];
    result.rules.push_back({std::string(texts->rule_name(i)), counter.packets,
                            counter.bytes, counter.changed});
    if (const xg_effect* limit = limit_of(image, i)) {
      result.rules.back().over = plain(slots[limit->limit_slot]);
    }
  }
  auto entry = dir.open_entry();
  if (!entry) return std::unexpected(entry.error());
  auto lease = dir.lease_status(*entry);
  if (!lease) return std::unexpected(lease.error());
  result.lease = *lease;
  result.default_action = plain(slots[XG_SLOT_DEFAULT]);
  result.ban_full = plain(slots[XG_SLOT_BAN_FULL]);
  for (int c = XG_CLASS_OK + 1; c < XG_CLASSES; ++c) {
    result.malformed[class_name(static_cast<xg_class>(c))] =
        plain(slots[XG_SLOT_CLASS + static_cast<std::uint32_t>(c)]);
  }
  result.verdicts = by_name(now.totals.verdicts);
  result.reject = {{"answered", plain(slots[XG_SLOT_ANSWERED])},
                   {"withheld", plain(slots[XG_SLOT_WITHHELD])}};
  result.capture = {{"logged", plain(slots[XG_SLOT_LOGGED])},
                    {"lost", plain(slots[XG_SLOT_LOST])},
                    {"capped", plain(slots[XG_SLOT_CAPPED])}};
  return result;
}

Result<InstanceReport> report_of(const InstanceDir& dir) {
  auto now = snapshot(dir);
  if (!now) return std::unexpected(now.error());
  auto status = status_of(dir, *now);
  if (!status) return std::unexpected(status.error());
  auto stats = stats_of(dir, *now);
  if (!stats) return std::unexpected(stats.error());
  return InstanceReport{std::move(*status), std::move(*stats)};
}

}  // namespace

xg_counter within(const RuleStats& rule) {
  return {rule.packets - std::min<__u64>(rule.packets, rule.over->packets),
          rule.bytes - std::min<__u64>(rule.bytes, rule.over->bytes)};
}

Result<std::vector<InstanceStatus>> status() {
  auto running = running_instances();
  if (!running) return std::unexpected(running.error());
  std::vector<InstanceStatus> all;
  for (const InstanceDir& dir : *running) {
    auto now = snapshot(dir);
    if (!now) return std::unexpected(now.error());
    auto one = status_of(dir, *now);
    if (!one) return std::unexpected(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

Result<InstanceStats> stats(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto now = snapshot(*dir);
  if (!now) return std::unexpected(now.error());
  return stats_of(*dir, *now);
}

Result<std::vector<InstanceReading>> reports() {
  auto running = running_instances();
  if (!running) return std::unexpected(running.error());
  std::vector<InstanceReading> all;
  for (const InstanceDir& dir : *running) {
    all.push_back({dir.instance(), report_of(dir)});
  }
  return all;
}

Result<std::vector<std::string>> running_interfaces(
    const std::string& instance) {
  auto running = running_instances();
  if (!running) return std::unexpected(running.error());
  std::vector<std::string> names;
  for (const InstanceDir& dir : *running) {
    if (dir.instance() != instance) continue;
    auto links = dir.links();
    if (!links) return std::unexpected(links.error());
    for (const PinnedLink& link : *links) {
      if (link.netns != this_netns()) continue;
      char name[IF_NAMESIZE];
      if (link.ifindex != 0 && ::if_indextoname(link.ifindex, name)) {
        names.push_back(name);
      } else if (::if_nametoindex(link.interface.c_str()) != 0) {
        names.push_back(link.interface);
      }
    }
  }
  return names;
}

Result<std::string> running_source(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto now = snapshot(*dir);
  if (!now) return std::unexpected(now.error());
  const auto texts = ImageTexts::of(now->generation.image());
  if (!texts) return std::unexpected(texts.error());
  return std::string(texts->source());
}

}  // namespace xdpgate
