// SPDX-License-Identifier: GPL-2.0-only
// xdpgate status: what runs where.
#include <fmt/format.h>

#include <memory>

#include "bpf/instance.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/lease_text.h"
#include "cli/terminal.h"

namespace xdpgate {
namespace {

Json before_json(const std::optional<InstanceStatus::Before>& before) {
  if (!before) return nullptr;
  return {{"generation", before->generation},
          {"image_bytes", before->image_bytes}};
}

Json to_json(const InstanceStatus& instance) {
  Json interfaces = Json::array();
  for (const auto& interface : instance.interfaces) {
    interfaces.push_back(xdpgate::to_json(interface));
  }
  return {{"instance", instance.name},
          {"generation", instance.generation},
          {"age_s", instance.age_seconds},
          {"digest", instance.digest},
          {"rules", instance.rule_count},
          {"image_bytes", instance.image_bytes},
          {"damage", instance.damage.empty() ? Json() : Json(instance.damage)},
          {"interfaces", interfaces},
          {"verdicts", xdpgate::to_json(instance.verdicts)},
          {"lease", xdpgate::to_json(instance.lease)},
          {"before", before_json(instance.before)},
          {"notes", instance.notes}};
}

// Behind libxdp's dispatcher, or why not; empty where nobody asked.
std::string place_text(const InterfaceStatus& interface) {
  if (!interface.alone.empty()) return "; " + interface.alone;
  if (!interface.priority) return "";
  const std::string others =
      interface.beside.empty()
          ? "alone so far"
          : fmt::format("beside {}", fmt::join(interface.beside, ", "));
  return fmt::format("; behind libxdp's dispatcher with priority {}, {}",
                     *interface.priority, others);
}

std::string verdicts_text(const std::map<std::string, xg_counter>& verdicts,
                          const char* indent) {
  std::string text;
  for (const auto& [name, counter] : verdicts) {
    if (counter.packets == 0) continue;
    text += fmt::format("{}{}: {} packets, {} bytes\n", indent, name,
                        grouped(counter.packets), grouped(counter.bytes));
  }
  return text;
}

std::string text_of(const InstanceStatus& instance) {
  std::string text = fmt::format(
      "{}: generation {}, loaded {} ago, {} rules, image {}, digest {}\n",
      instance.name, instance.generation, age_text(instance.age_seconds),
      grouped(instance.rule_count), byte_size(instance.image_bytes),
      instance.digest);
  if (!instance.damage.empty()) {
    text += fmt::format("  damaged: {}; apply again\n", instance.damage);
  }
  for (const InterfaceStatus& interface : instance.interfaces) {
    text += fmt::format("  {}: {}", interface.name, interface.mode);
    if (!interface.why.empty()) text += fmt::format(" ({})", interface.why);
    text += place_text(interface) + "\n";
    if (instance.interfaces.size() > 1) {
      text += verdicts_text(interface.verdicts, "    ");
    }
  }
  if (instance.lease) text += "  " + lease_text(*instance.lease) + "\n";
  if (instance.before && !instance.lease) {
    text += fmt::format(
        "  kept for `xdpgate rollback`: generation {}, image {}\n",
        instance.before->generation, byte_size(instance.before->image_bytes));
  }
  for (const std::string& note : instance.notes) {
    text += fmt::format("  note: {}\n", note);
  }
  return text + verdicts_text(instance.verdicts, "  ");
}

int status(bool json) {
  auto instances = xdpgate::status();
  if (!instances) return refuse(instances.error());
  Json list = Json::array();
  std::string text;
  for (const InstanceStatus& instance : *instances) {
    list.push_back(to_json(instance));
    text += text_of(instance);
  }
  if (json) {
    write_json(list);
  } else {
    write_out(text.empty() ? "no filter is running\n" : text);
  }
  return kDone;
}

}  // namespace

void add_status(CLI::App& app, Outcome& outcome) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "status", "Instances, interfaces, mode, generation, age, totals");
  command->add_flag("--json", *json, "a JSON array, one object an instance");
  command->callback([json, &outcome] { outcome.exit_code = status(*json); });
}

}  // namespace xdpgate
