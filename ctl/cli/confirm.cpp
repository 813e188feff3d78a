// SPDX-License-Identifier: GPL-2.0-only
// xdpgate confirm and rollback: what becomes of the policy applied last.
#include <fmt/format.h>

#include <memory>

#include "bpf/instance.h"
#include "cli/command.h"
#include "cli/json.h"

namespace xdpgate {
namespace {

struct LeaseOptions {
  std::string instance;
  bool json = false;
};

int report(const Result<LeaseOutcome>& done, const LeaseOptions& options,
           const char* what) {
  if (!done) return refuse(done.error());
  if (options.json) {
    write_json({{"instance", done->instance},
                {"generation", done->generation},
                {"detached", done->detached}});
  } else if (done->detached) {
    write_out(fmt::format("{}: no policy was in force before; the filter is "
                          "off\n",
                          done->instance));
  } else {
    write_out(fmt::format("{}: generation {} {}\n", done->instance,
                          done->generation, what));
  }
  return kDone;
}

CLI::App* add_command(CLI::App& app, const std::string& name,
                      const std::string& description,
                      const std::shared_ptr<LeaseOptions>& options) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("--name", options->instance, "which instance")
      ->type_name("NAME");
  command->add_flag("--json", options->json, "one JSON object");
  return command;
}

}  // namespace

void add_confirm(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<LeaseOptions>();
  CLI::App* command = add_command(
      app, "confirm", "Keep the policy that `apply --confirm` put in force",
      options);
  command->footer(
      "Without --name: the only one that waits. Where it is too late, that is "
      "said, and\nthe exit code is 3.\n\nExample: xdpgate apply "
      "rules/host-protection.yaml --confirm 60s && xdpgate confirm");
  command->callback([options, &outcome] {
    outcome.exit_code =
        report(confirm(options->instance), *options, "stays in force");
  });
}

void add_rollback(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<LeaseOptions>();
  CLI::App* command =
      add_command(app, "rollback", "Return to the policy before", options);
  command->footer(
      "To the one before the policy that waits to be confirmed, or before the "
      "last apply;\none step. Rules keep their counts by name, dynamic sets "
      "their elements.\nInterfaces stay as they are.\n\nExample: xdpgate "
      "rollback --name host");
  command->callback([options, &outcome] {
    outcome.exit_code =
        report(rollback(options->instance), *options, "is in force again");
  });
}

}  // namespace xdpgate
