// SPDX-License-Identifier: GPL-2.0-only
// xdpgate daemon: keeps what runs as the policy files say.
#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "metrics/exporter.h"
#include "service/policy_folder.h"
#include "service/service.h"

namespace xdpgate {
namespace {

struct DaemonOptions {
  std::string policies = kPolicyFolder;
  std::string listen = kMetricsAddress;
  std::uint32_t most_rules = kMostRuleSeries;
  bool detach_on_exit = false;
  bool json = false;
};

int run_daemon(const DaemonOptions& options) {
  ServiceOptions service{.folder = options.policies,
                         .listen = std::nullopt,
                         .most_rules = options.most_rules,
                         .detach_on_exit = options.detach_on_exit,
                         .log = options.json          ? LogForm::kJson
                                : writes_to_journal() ? LogForm::kJournal
                                                      : LogForm::kLines};
  if (options.listen != "none") {
    auto listen = parse_listen_address(options.listen);
    if (!listen) {
      const auto& [message, hint] = listen.error();
      return misuse("daemon",
                    fmt::format("--listen: {} ({}, or `none`)", message, hint));
    }
    service.listen = *listen;
  }
  auto done = run_service(service);
  return done ? kDone : refuse(done.error());
}

}  // namespace

void add_daemon(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<DaemonOptions>();
  CLI::App* command = app.add_subcommand(
      "daemon", "Keep what runs as the policy files say, and serve metrics");
  command->footer(
      "Applies the policies of a folder, and each file again when it changes; "
      "a broken\none leaves the policy in force. Puts the filter back on "
      "interfaces that return.\nRuns in the foreground until SIGTERM or "
      "SIGINT, which leave the filters on;\nSIGHUP applies all again. Speaks "
      "to systemd where that started it.\n\nExample: xdpgate daemon --policies "
      "/etc/xdpgate --listen none");
  command
      ->add_option("--policies", options->policies,
                   "folder of the policies, *.yaml; default /etc/xdpgate")
      ->type_name("FOLDER");
  command
      ->add_option("--listen", options->listen,
                   "where metrics are served, or none; default "
                   "127.0.0.1:10470")
      ->type_name("ADDRESS:PORT");
  command
      ->add_option("--max-rules", options->most_rules,
                   "rules of a filter with series of their own, those with "
                   "most packets; default 1000")
      ->type_name("N")
      ->check(CLI::Range(0, 10'000'000));
  command->add_flag("--detach-on-exit", options->detach_on_exit,
                    "take the filters of the files off when it is stopped");
  command->add_flag("--json", options->json,
                    "its log as JSON, one object a line");
  command->callback(
      [options, &outcome] { outcome.exit_code = run_daemon(*options); });
}

}  // namespace xdpgate
