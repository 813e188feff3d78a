// SPDX-License-Identifier: GPL-2.0-only
// xdpgate check: every error of a policy, its warnings, its size and cost.
#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "cli/terminal.h"
#include "compile/compile.h"

namespace xdpgate {
namespace {

struct CheckOptions {
  std::string policy;
  bool json = false;
};

Json report(const Diagnostics& diagnostics,
            const std::optional<Compiled>& compiled) {
  Json result = {{"errors", Json::array()}, {"warnings", Json::array()}};
  for (const Diagnostic& d : diagnostics.sorted()) {
    const bool error = d.severity == Severity::kError;
    result[error ? "errors" : "warnings"].push_back(to_json(d));
  }
  for (const char* key : {"rules", "image_bytes", "build_s", "worst_steps"}) {
    result[key] = nullptr;  // there is no image
  }
  if (!compiled) return result;
  const xg_header& header = compiled->image.header();
  result["rules"] = header.rule_count;
  result["image_bytes"] = header.size;
  result["build_s"] = compiled->build_s;
  result["worst_steps"] = header.worst_steps;
  return result;
}

std::string summary(const std::string& path, const Compiled& compiled) {
  const xg_header& header = compiled.image.header();
  return fmt::format(
      "{}: ok: {} {}, image {}, built in {:.3f} s, at most {} steps a packet\n",
      path, grouped(header.rule_count),
      header.rule_count == 1 ? "rule" : "rules", byte_size(header.size),
      compiled.build_s, grouped(header.worst_steps));
}

int check(const CheckOptions& options) {
  Diagnostics diagnostics;
  const auto loaded = load_image(options.policy, pseudo_ifindex, diagnostics);
  if (!loaded) return refuse(loaded.error());
  const std::optional<Compiled>& compiled = *loaded;
  if (options.json) {
    write_json(report(diagnostics, compiled));
  } else {
    print_diagnostics(diagnostics);
    if (compiled) write_out(summary(options.policy, *compiled));
  }
  return compiled ? kDone : kRejected;
}

}  // namespace

void add_check(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand(
      "check", "Check a policy: every error, warnings, size and cost");
  command->footer(
      "Reads POLICY and the set files it names, and compiles it. Every error "
      "is reported\nas FILE:LINE:COLUMN. Needs no privilege; interfaces need "
      "not exist.\n\nExample: xdpgate check rules/host-protection.yaml");
  command->add_option("POLICY", options->policy, "policy file; - for stdin")
      ->required();
  command->add_flag("--json", options->json, "one JSON object");
  command->callback(
      [options, &outcome] { outcome.exit_code = check(*options); });
}

}  // namespace xdpgate
