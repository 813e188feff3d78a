// SPDX-License-Identifier: GPL-2.0-only
// status(), stats(), running_source(): read without the lock, beside an apply
// that may be under way.
#include <fmt/format.h>

#include "bpf/bpffs.h"
#include "bpf/generation.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/link.h"
#include "bpf/totals.h"
#include "policy/decision.h"

namespace xdpgate {
namespace {

constexpr int kReadTries = 50;  // of a generation that keeps being replaced

// A generation in force and its totals, read as one.
struct Snapshot {
  Generation generation;
  Totals totals;
};

// Before the base is sealed it is what the old generation's counts make of it.
Result<Totals> unsealed_totals(const InstanceDir& dir,
                               const Generation& generation) {
  for (std::uint64_t number : dir.generations()) {
    if (number + 1 != generation.number()) continue;
    auto old = Generation::open(dir.generation_path(number), number);
    if (!old) return std::unexpected(old.error());
    auto before = totals_of(*old);
    if (!before) return before;
    return with_live(generation,
                     carried_over(old->image(), *before, generation.image(),
                                  generation.number()));
  }
  return failure({"read", generation.path(), "the counts before it are gone",
                  ""});
}

// One attempt; an error may be due to a swap that happened meanwhile.
Result<Snapshot> try_snapshot(const InstanceDir& dir) {
  auto entry = dir.open_entry();
  if (!entry) return std::unexpected(entry.error());
  auto generation = dir.current(*entry);
  if (!generation) return std::unexpected(generation.error());
  if (!*generation) {
    return failure({"read", "`" + dir.instance() + "`",
                    "no generation is in force", "apply its policy again"});
  }
  const bool sealed = (*generation)->sealed();
  auto totals = sealed ? totals_of(**generation)
                       : unsealed_totals(dir, **generation);
  if (!totals) return std::unexpected(totals.error());
  const bool same = sealed == (*generation)->sealed() &&
                    program_in_force(entry->slots.get()) ==
                        program_id((*generation)->program_fd());
  if (!same) {
    return failure({"read", "`" + dir.instance() + "`",
                    "it keeps being replaced", "try again"});
  }
  return Snapshot{std::move(**generation), std::move(*totals)};
}

Result<Snapshot> snapshot(const InstanceDir& dir) {
  auto result = try_snapshot(dir);
  for (int i = 1; !result && i < kReadTries; ++i) result = try_snapshot(dir);
  return result;
}

xg_counter plain(const xg_base_counter& counter) {
  return {counter.packets, counter.bytes};
}

std::map<std::string, xg_counter> verdicts_of(const Totals& totals) {
  std::map<std::string, xg_counter> result;
  for (int v = 0; v < XG_VERDICTS; ++v) {
    result[verdict_name(static_cast<xg_verdict>(v))] = totals.verdicts[v];
  }
  return result;
}

InterfaceStatus interface_status(const PinnedLink& link) {
  InterfaceStatus status{link.interface, link.ifindex, "detached", ""};
  if (link.ifindex == 0) {
    status.why = "the interface is gone; apply again when it is back";
    return status;
  }
  if (link.netns != this_netns()) {
    status.mode = "attached";
    status.why = fmt::format("in another network namespace ({})", link.netns);
    return status;
  }
  auto carried = carried_by(link.ifindex, link.interface);
  if (carried) status.mode = carried->mode;
  if (status.mode == "generic") {
    status.why = "asked for, or the driver refused native mode";
  }
  return status;
}

Result<InstanceStatus> status_of(const InstanceDir& dir) {
  auto now = snapshot(dir);
  if (!now) return std::unexpected(now.error());
  const Generation& generation = now->generation;
  InstanceStatus status;
  status.name = dir.instance();
  status.generation = generation.number();
  status.age_seconds =
      (boottime_ns() - generation.made_ns()) / 1'000'000'000;
  status.digest = generation.image().digest();
  status.rule_count = generation.image().rule_count();
  status.image_bytes = generation.image().header().size;
  status.verdicts = verdicts_of(now->totals);
  for (const PinnedLink& link : dir.links()) {
    status.interfaces.push_back(interface_status(link));
  }
  return status;
}

// The directory of `instance`, or of the only one.
Result<InstanceDir> find(const std::string& instance) {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  const auto names = instance_names(*state);
  if (names.empty()) {
    return failure({"find", "a running filter", "there is none",
                    "`xdpgate apply POLICY` starts one"});
  }
  if (instance.empty() && names.size() == 1) {
    return InstanceDir(*state, names[0]);
  }
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  if (instance.empty()) {
    return failure({"choose", "an instance", "several run: " + list,
                    "name one with --name"});
  }
  if (std::ranges::find(names, instance) == names.end()) {
    return failure({"find", "`" + instance + "`", "no such instance",
                    "these run: " + list});
  }
  return InstanceDir(*state, instance);
}

}  // namespace

Result<std::vector<InstanceStatus>> status() {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  std::vector<InstanceStatus> all;
  for (const std::string& name : instance_names(*state)) {
    auto one = status_of(InstanceDir(*state, name));
    if (!one) return std::unexpected(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

Result<InstanceStats> stats(const std::string& instance) {
  auto dir = find(instance);
  if (!dir) return std::unexpected(dir.error());
  auto now = snapshot(*dir);
  if (!now) return std::unexpected(now.error());
  const ImageView image = now->generation.image();
  const auto& slots = now->totals.slots;
  InstanceStats result;
  result.instance = dir->instance();
  result.generation = now->generation.number();
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    const xg_base_counter& counter = slots[XG_SLOT_RULE + i];
    result.rules.push_back({std::string(image.rule_name(i)), counter.packets,
                            counter.bytes, counter.changed});
  }
  result.default_action = plain(slots[XG_SLOT_DEFAULT]);
  for (int c = XG_CLASS_OK + 1; c < XG_CLASSES; ++c) {
    result.malformed[class_name(static_cast<xg_class>(c))] =
        plain(slots[XG_SLOT_CLASS + static_cast<std::uint32_t>(c)]);
  }
  result.verdicts = verdicts_of(now->totals);
  return result;
}

Result<std::string> running_source(const std::string& instance) {
  auto dir = find(instance);
  if (!dir) return std::unexpected(dir.error());
  auto now = snapshot(*dir);
  if (!now) return std::unexpected(now.error());
  return std::string(now->generation.image().source());
}

}  // namespace xdpgate
