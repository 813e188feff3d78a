// SPDX-License-Identifier: GPL-2.0-only
// xdpgate check: every error of a policy, its warnings, its size and cost.
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "analyze/findings.h"
#include "analyze/lint.h"
#include "base/say.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "cli/lockout.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "compile/compile.h"
#include "engine/native_decider.h"

namespace xdpgate {
namespace {

using Clock = std::chrono::steady_clock;

struct CheckOptions {
  std::string policy;
  double budget_s = 10;
  bool notes = false;
  bool json = false;
};

// What is said of a policy that has an image.
struct Checked {
  xg_header header;
  WorstCase worst;
  std::string worst_rule;  // the name of worst.leaf_rule
  double build_s = 0;
  LintReport lint;
  double lint_s = 0;
};

Json worst_json(const Checked& checked) {
  return {{"address_steps", checked.worst.address_steps},
          {"leaf_records", checked.worst.leaf_records},
          {"leaf_rule", checked.worst_rule},
          {"searches", checked.worst.searches}};
}

Json lint_json(const Checked& checked) {
  return {{"settled", checked.lint.settled},
          {"complete", !checked.lint.out_of_time},
          {"seconds", checked.lint_s}};
}

Json report(const CheckOptions& options, const Diagnostics& diagnostics,
            const std::optional<Checked>& checked) {
  Json result = {{"errors", Json::array()}, {"warnings", Json::array()}};
  for (const char* key :
       {"rules", "image_bytes", "build_s", "worst_steps", "worst", "lint"}) {
    result[key] = nullptr;  // there is no image
  }
  if (options.notes) result["notes"] = Json::array();
  for (const Diagnostic& d : diagnostics.sorted()) {
    const std::string list = std::string(severity_name(d.severity)) + "s";
    result[list].push_back(to_json(d));
  }
  if (!checked) return result;
  result["rules"] = checked->header.rule_count;
  result["image_bytes"] = checked->header.size;
  result["build_s"] = checked->build_s;
  result["worst_steps"] = checked->header.worst_steps;
  result["worst"] = worst_json(*checked);
  result["lint"] = lint_json(*checked);
  return result;
}

// What drives the worst case, where it is one to know of.
std::string worst_text(const Checked& checked) {
  std::string text;
  if (checked.worst.leaf_records > XG_LEAF_INLINE) {
    text +=
        fmt::format(" ({} rules overlap in one place, from `{}` on)",
                    grouped(checked.worst.leaf_records), checked.worst_rule);
  }
  if (checked.worst.searches > 2) {
    text += fmt::format(" ({} searches: {} rules may not decide)",
                        grouped(checked.worst.searches),
                        grouped(checked.worst.searches - 1));
  }
  return text;
}

std::string summary(const std::string& path, const Checked& checked) {
  const xg_header& header = checked.header;
  return fmt::format(
      "{}: ok: {} {}, image {}, built in {:.3f} s, at most {} steps a "
      "packet{}\n",
      path, grouped(header.rule_count),
      header.rule_count == 1 ? "rule" : "rules", byte_size(header.size),
      checked.build_s, grouped(header.worst_steps), worst_text(checked));
}

// Where lint did not get to the end of it.
void note_budget(const CheckOptions& options, const Checked& checked) {
  const std::size_t settled = checked.lint.settled;
  if (checked.lint.out_of_time) {
    say("xdpgate: note: {} of {} rules were looked at in {} s, the "
        "others may never match; --budget gives more time\n",
        grouped(settled), grouped(checked.header.rule_count), options.budget_s);
  } else if (settled < checked.header.rule_count) {
    const std::size_t open = checked.header.rule_count - settled;
    say("xdpgate: note: {} {} may never match, but neither proof nor "
        "packet was found\n",
        grouped(open), open == 1 ? "rule" : "rules");
  }
}

Checked look_at(const CheckOptions& options, Compiled compiled,
                Diagnostics& diagnostics) {
  const Policy& policy = compiled.policy;
  const WorstCase& worst = compiled.image.worst;
  Checked checked{compiled.image.header(), worst, {}, compiled.build_s, {}, 0};
  if (worst.leaf_records > 0) {
    checked.worst_rule = policy.rules[worst.leaf_rule].name;
  }
  const Progress progress("looking for rules that never match");
  const auto start = Clock::now();
  const auto decide = native_decider(policy, std::move(compiled.image));
  checked.lint = lint(policy, decide, {options.budget_s, options.notes});
  checked.lint_s = std::chrono::duration<double>(Clock::now() - start).count();
  add_findings(checked.lint.findings, policy, options.policy, diagnostics);
  add_lockouts(lockouts_here(policy), policy, options.policy, diagnostics);
  return checked;
}

int check(const CheckOptions& options) {
  Diagnostics diagnostics;
  auto loaded = load_image(options.policy, pseudo_ifindex, diagnostics);
  if (!loaded) return refuse(loaded.error());
  std::optional<Checked> checked;
  if (*loaded) checked = look_at(options, std::move(**loaded), diagnostics);
  if (options.json) {
    write_json(report(options, diagnostics, checked));
  } else {
    print_diagnostics(diagnostics);
    if (checked) {
      note_budget(options, *checked);
      write_out(summary(options.policy, *checked));
    }
  }
  return checked ? kDone : kRejected;
}

}  // namespace

void add_check(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand(
      "check", "Check a policy: every error, warnings, size and cost");
  command->footer(
      "Reads POLICY and the set files it names, and compiles it. Every error "
      "is reported\nas FILE:LINE:COLUMN. Needs no privilege; interfaces need "
      "not exist.\n\nWarns of rules that can never match and of rules that "
      "repeat another, with a packet\nthat shows it; of sets that no rule "
      "uses; of a default that cuts off ARP, neighbour\ndiscovery or DHCP; "
      "and of a policy that cuts off the SSH session it is checked in.\n"
      "\nExample: xdpgate check rules/host-protection.yaml");
  command->add_option("POLICY", options->policy, "policy file; - for stdin")
      ->required();
  command
      ->add_option("--budget", options->budget_s,
                   "how long to look for rules that can never match (10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e6));
  command->add_flag("--notes", options->notes,
                    "also say of which rules an earlier one takes a part");
  command->add_flag("--json", options->json, "one JSON object");
  command->callback(
      [options, &outcome] { outcome.exit_code = check(*options); });
}

}  // namespace xdpgate
