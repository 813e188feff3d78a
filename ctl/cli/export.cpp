// SPDX-License-Identifier: GPL-2.0-only
// xdpgate export: Prometheus metrics of what runs.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "base/say.h"
#include "base/text.h"
#include "bpf/bpffs.h"
#include "bpf/permission.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "metrics/exporter.h"
#include "service/policy_folder.h"

namespace xdpgate {
namespace {

constexpr double kLongSeconds = 3600;  // between looks at nothing

struct ExportOptions {
  std::string listen = kMetricsAddress;
  std::string policies = kPolicyFolder;
  std::uint32_t most_rules = kMostRuleSeries;
  bool once = false;
  bool json = false;
};

int serve(const ListenAddress& listen, std::shared_ptr<MetricsSource> source) {
  // Before the server has threads: they leave signals to this one, and have no
  // more capabilities. A port may need one, and what sets hold the other.
  const Interrupt interrupt;
  auto less = keep_capabilities({CAP_NET_BIND_SERVICE, CAP_SYS_ADMIN});
  if (!less) return refuse(less.error());
  auto server = MetricsServer::start(listen, std::move(source));
  if (!server) return refuse(server.error());
  say("xdpgate: metrics at http://{}/metrics\n", to_text(server->address()));
  while (!interrupt.comes_within(kLongSeconds)) {
  }
  return kDone;
}

std::string is_folder(const std::string& path) {
  return std::filesystem::is_directory(path)
             ? ""
             : in_quotes(path) + " is no folder";
}

int export_metrics(const ExportOptions& options) {
  const auto listen = parse_listen_address(options.listen);
  if (!listen) {
    const auto& [message, hint] = listen.error();
    return misuse("export", fmt::format("--listen: {} ({})", message, hint));
  }
  // Without the privilege to read anything there is nothing to serve.
  if (auto state = state_directory(); !state) return refuse(state.error());
  auto folder = std::make_shared<PolicyFolder>(options.policies);
  auto source = metrics_source(options.most_rules, [folder] {
    folder->refresh();
    return folder->intents();
  });
  if (options.json) {
    write_json(metrics_json(*source));
  } else if (options.once) {
    write_out(metrics_text(*source));
  } else {
    return serve(*listen, std::move(source));
  }
  return kDone;
}

}  // namespace

void add_export(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand(
      "export", "Prometheus metrics of what runs, over HTTP");
  command->footer(
      "Read from the kernel at each scrape, until interrupted. Policy files "
      "are held\nagainst what runs: xdpgate_drift says where they "
      "differ.\n\nExample: xdpgate export --listen 192.0.2.1:10470");
  command
      ->add_option("--listen", options->listen,
                   "where; default 127.0.0.1:10470; port 0: any free one")
      ->type_name("ADDRESS:PORT");
  command
      ->add_option("--policies", options->policies,
                   "folder of the policies meant to run; default /etc/xdpgate")
      ->type_name("FOLDER")
      ->check(is_folder);
  command
      ->add_option("--max-rules", options->most_rules,
                   "rules of a filter with series of their own, those with "
                   "most packets; default 1000")
      ->type_name("N")
      ->check(CLI::Range(0, 10'000'000));
  command->add_flag("--once", options->once,
                    "print the metrics once and serve nothing");
  command->add_flag("--json", options->json, "the same, as a JSON array");
  command->callback(
      [options, &outcome] { outcome.exit_code = export_metrics(*options); });
}

}  // namespace xdpgate
