// SPDX-License-Identifier: GPL-2.0-only
// xdpgate detach: takes the filter off.
#include <fmt/format.h>

#include <memory>

#include "bpf/instance.h"
#include "cli/command.h"
#include "cli/json.h"

namespace xdpgate {
namespace {

struct DetachOptions {
  std::vector<std::string> interfaces;
  std::string instance;
  bool all = false;
  bool json = false;
};

void print(const std::vector<std::string>& detached, bool json) {
  Json list = Json::array();
  std::string text;
  for (const std::string& line : detached) {
    const auto blank = line.find(' ');
    const std::string instance = line.substr(0, blank);
    const std::string interface = line.substr(blank + 1);
    list.push_back({{"instance", instance}, {"interface", interface}});
    text += fmt::format("{}: detached from {}\n", instance, interface);
  }
  if (json) return write_json(list);
  write_out(text.empty() ? "nothing was attached\n" : text);
}

int detach(const DetachOptions& options) {
  const bool named = !options.interfaces.empty() || !options.instance.empty();
  if (options.all == named) {
    return misuse("detach", options.all
                                ? "--all goes without IF and --name"
                                : "name an interface, --name NAME or --all");
  }
  auto detached = xdpgate::detach(options.instance, options.interfaces);
  if (!detached) return refuse(detached.error());
  print(*detached, options.json);
  return kDone;
}

}  // namespace

void add_detach(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<DetachOptions>();
  CLI::App* command = app.add_subcommand(
      "detach", "Take the filter off interfaces; free what nothing uses");
  command->footer(
      "An instance that is left without an interface is removed, with its "
      "counts.\n\nExample: xdpgate detach eth1");
  command->add_option("IF", options->interfaces, "interfaces");
  command->add_option("--name", options->instance, "of this instance only")
      ->type_name("NAME");
  command->add_flag("--all", options->all, "every instance, everywhere");
  command->add_flag("--json", options->json, "a JSON array");
  command->callback(
      [options, &outcome] { outcome.exit_code = detach(*options); });
}

}  // namespace xdpgate
