// SPDX-License-Identifier: GPL-2.0-only
// xdpgate apply: puts a policy in force.
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <map>
#include <memory>

#include "analyze/findings.h"
#include "base/say.h"
#include "bpf/instance.h"
#include "cli/command.h"
#include "cli/diff_report.h"
#include "cli/explain_subject.h"
#include "cli/json.h"
#include "cli/lease_text.h"
#include "cli/load_image.h"
#include "cli/lockout.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "policy/duration.h"

namespace xdpgate {
namespace {

struct ApplyOptions {
  std::string policy;
  std::vector<std::string> interfaces;
  std::string mode;                  ///< empty: the policy's
  std::optional<unsigned> priority;  ///< behind libxdp's dispatcher
  bool require_dispatcher = false;
  std::string confirm;  ///< how long to wait for it; empty: not at all
  bool dry_run = false;
  bool json = false;
};

constexpr std::uint64_t kLongestLease = 24 * 3600 * kSecondNs;

std::string is_lease(const std::string& text) {
  auto duration = parse_duration(text);
  if (!duration) return duration.error().message;
  return *duration >= kSecondNs && *duration <= kLongestLease
             ? ""
             : "1s to 1d, please";
}

std::uint64_t lease_of(const ApplyOptions& options) {
  return options.confirm.empty() ? 0 : parse_duration(options.confirm).value();
}

const std::map<std::string, Mode>& modes() {
  static const std::map<std::string, Mode> all = {{"auto", Mode::kAuto},
                                                  {"native", Mode::kNative},
                                                  {"generic", Mode::kGeneric}};
  return all;
}

// Rules on an interface that is not there match nothing, which is worth a word.
void note_absent_interfaces(const Policy& policy) {
  for (const Rule& rule : policy.rules) {
    if (!rule.match.interface) continue;
    for (const std::string& name : rule.match.interface->names) {
      if (::if_nametoindex(name.c_str()) != 0) continue;
      say("xdpgate: note: rule `{}` names the interface {}, which is "
          "not here; apply again when it is\n",
          rule.name, name);
    }
  }
}

// A rule that sends packets nowhere would drop them.
Result<void> find_targets(const ApplyOptions& options, const Policy& policy) {
  for (const Rule& rule : policy.rules) {
    if (rule.redirect.empty() || ::if_nametoindex(rule.redirect.c_str()) != 0) {
      continue;
    }
    return failure(
        {fmt::format("apply rule `{}` ({}:{}:{})", rule.name, options.policy,
                     rule.redirect_at.line, rule.redirect_at.column),
         "redirect: " + rule.redirect, "no such interface here",
         "see `ip link`; other network namespaces have others"});
  }
  return {};
}

// The command line's; else the policy's; else those the instance runs on.
Result<std::vector<std::string>> interfaces_for(const ApplyOptions& options,
                                                const Policy& policy) {
  if (!options.interfaces.empty()) return options.interfaces;
  if (!policy.interfaces.empty()) return policy.interfaces;
  return running_interfaces(policy.name);
}

std::string summary(const std::string& instance, const ApplyOutcome& done,
                    const Compiled& compiled, bool dry_run) {
  std::string where;
  for (const InterfaceStatus& interface : done.interfaces) {
    where += where.empty() ? "" : ", ";
    where += interface.name;
    if (!interface.mode.empty()) where += fmt::format(" ({})", interface.mode);
  }
  const char* what = dry_run        ? "would come into force"
                     : done.changed ? "in force"
                                    : "stays in force, unchanged,";
  const xg_header& header = compiled.image.header();
  const std::string lease =
      done.lease && !dry_run ? "  " + lease_text(*done.lease) + "\n" : "";
  return fmt::format(
      "{}: generation {} {} on {}: {} {}, image {}\n{}", instance,
      done.generation, what, where, grouped(header.rule_count),
      header.rule_count == 1 ? "rule" : "rules", byte_size(header.size), lease);
}

// How long apply may look for what it changes.
constexpr double kDiffSeconds = 3;
// Looking at more rules than that takes longer.
constexpr std::size_t kMostDiffRules = 200'000;

// What the policy changes for the packets of the running one; nothing where
// none runs, or where it cannot be had.
struct Change {
  Policy running;
  DiffReport report;
};

std::optional<Change> change_by(const Compiled& compiled) {
  auto subject = running_subject(compiled.policy.name);
  if (!subject) return std::nullopt;  // the first one
  if (!subject->why_no_policy.empty() ||
      subject->policy.rules.size() > kMostDiffRules ||
      compiled.policy.rules.size() > kMostDiffRules) {
    say("xdpgate: note: what changes for packets is not told: "
        "{}\n",
        subject->why_no_policy.empty() ? "too many rules"
                                       : subject->why_no_policy);
    return std::nullopt;
  }
  Change change{std::move(subject->policy), {}};
  change.report =
      diff(change.running, compiled.policy, {.seconds = kDiffSeconds});
  note_incomplete(change.report, kDiffSeconds);
  note_bridge(change.running, compiled.policy);
  return change;
}

Json to_json(const std::string& instance, const ApplyOutcome& done,
             bool dry_run) {
  Json result = {{"instance", instance},
                 {"changed", done.changed},
                 {"dry_run", dry_run},
                 {"generation", done.generation},
                 {"interfaces", Json::array()},
                 {"notes", done.notes},
                 {"lease", xdpgate::to_json(done.lease)}};
  for (const auto& interface : done.interfaces) {
    result["interfaces"].push_back(xdpgate::to_json(interface));
  }
  return result;
}

// What became of the policy before, where that shows nowhere else any more.
void note_last_lease(const std::string& instance) {
  const auto lease = lease_status(instance);
  if (!lease || !*lease) return;
  if ((*lease)->state != LeaseStatus::State::kPending) note_lease(instance);
}

int put_in_force(const ApplyOptions& options, const Compiled& compiled) {
  const Policy& policy = compiled.policy;
  auto interfaces = interfaces_for(options, policy);
  if (!interfaces) return refuse(interfaces.error());
  if (interfaces->empty()) {
    return misuse("apply",
                  "no interface: name one with -i or in `interfaces:`");
  }
  if (!policy.bridge.empty() &&
      !std::ranges::is_permutation(*interfaces, policy.bridge)) {
    return misuse("apply",
                  fmt::format("the policy is a bridge between {}; leave out -i",
                              fmt::join(policy.bridge, " and ")));
  }
  if (auto found = find_targets(options, policy); !found) {
    return refuse(found.error());
  }
  note_absent_interfaces(policy);
  const auto change = change_by(compiled);
  if (change && !options.json) {
    write_out(diff_text(change->report, change->running, policy));
  }
  const Mode mode =
      options.mode.empty() ? policy.mode : modes().at(options.mode);
  note_last_lease(policy.name);
  auto done = xdpgate::apply(
      compiled.image,
      {policy.name, *interfaces, mode, options.dry_run, lease_of(options),
       options.priority, options.require_dispatcher});
  if (!done) return refuse(done.error());
  for (const std::string& note : done->notes) {
    say("xdpgate: note: {}\n", note);
  }
  if (options.json) {
    Json json = to_json(policy.name, *done, options.dry_run);
    json["changes"] = change
                          ? diff_json(change->report, change->running, policy)
                          : Json(nullptr);
    write_json(json);
  } else {
    write_out(summary(policy.name, *done, compiled, options.dry_run));
  }
  return kDone;
}

void warn_of_lockouts(const ApplyOptions& options, const Policy& policy) {
  Diagnostics diagnostics;
  add_lockouts(lockouts_here(policy), policy, options.policy, diagnostics);
  print_diagnostics(diagnostics);
}

int apply(const ApplyOptions& options) {
  auto ifindex_of = [](const Policy&, const std::string& name) {
    return ::if_nametoindex(name.c_str());
  };
  const auto compiled = load_image_or_say(options.policy, ifindex_of);
  if (!compiled) return compiled.error();
  warn_of_lockouts(options, compiled->policy);
  return put_in_force(options, *compiled);
}

}  // namespace

void add_apply(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ApplyOptions>();
  CLI::App* command = app.add_subcommand(
      "apply", "Put a policy in force, or swap the running one for it");
  command->footer(
      "Compiles POLICY, loads it, checks the loaded program with packets of "
      "its own, and\nthen attaches it, or swaps it in at once for all "
      "interfaces. Rules keep their counts\nby name. The same policy again "
      "changes nothing. A failure leaves all as it was.\n\nWith --confirm "
      "the kernel itself\nreturns to the policy before when the time is over, "
      "whatever has become of the\nshell, the connection or this tool.\n\n"
      "Interfaces: -i, else the policy's `interfaces:`, else those it runs "
      "on.\n\nExample: "
      "xdpgate apply rules/host-protection.yaml -i eth1");
  command->add_option("POLICY", options->policy, "policy file; - for stdin")
      ->required();
  command
      ->add_option("-i,--interface", options->interfaces,
                   "interface to filter on; may be repeated")
      ->type_name("IF")
      ->allow_extra_args(false);
  command->add_option("--mode", options->mode, "auto, native or generic")
      ->type_name("MODE")
      ->check(one_of({"auto", "native", "generic"}));
  command
      ->add_option("--priority", options->priority,
                   "behind libxdp's dispatcher, beside other XDP programs; the "
                   "least runs first")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  command->add_flag("--require-dispatcher", options->require_dispatcher,
                    "refuse where the kernel cannot do that");
  command
      ->add_option("--confirm", options->confirm,
                   "the policy before comes back by itself unless `xdpgate "
                   "confirm` has run within TIME: 60s, 5m")
      ->type_name("TIME")
      ->check(is_lease);
  command->add_flag("--dry-run", options->dry_run,
                    "load and check in the kernel, but change nothing");
  command->add_flag("--json", options->json, "one JSON object");
  command->callback(
      [options, &outcome] { outcome.exit_code = apply(*options); });
}

}  // namespace xdpgate
