// SPDX-License-Identifier: GPL-2.0-only
// xdpgate stats: counts of every rule of a running policy.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>

#include "base/text.h"
#include "bpf/instance.h"
#include "bpf/permission.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/lease_text.h"
#include "cli/terminal.h"
#include "cli/usage.h"

namespace xdpgate {
namespace {

struct StatsOptions {
  std::vector<std::string> rules;  ///< empty: all
  std::string instance;
  std::string sort = "policy";
  double watch_s = 0;  ///< 0: once
  bool nonzero = false;
  bool json = false;
};

// What was there when it was last printed, for rates.
struct Before {
  std::map<std::string, std::uint64_t> packets;
  double seconds_ago = 0;
};

using Row = std::vector<std::string>;

Result<void> keep_asked(const StatsOptions& options, InstanceStats& stats) {
  std::vector<std::string_view> known;
  for (const RuleStats& rule : stats.rules) known.push_back(rule.name);
  for (const std::string& name : options.rules) {
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string hint = nearest_hint(name, known);
    if (hint.empty()) hint = "`xdpgate stats` lists its rules";
    return failure({"find the rule", in_quotes(name),
                    "`" + stats.instance + "` has none of that name",
                    std::move(hint)});
  }
  std::erase_if(stats.rules, [&](const RuleStats& rule) {
    const bool asked =
        options.rules.empty() ||
        std::ranges::find(options.rules, rule.name) != options.rules.end();
    return !asked || (options.nonzero && rule.packets == 0);
  });
  return {};
}

void sort_rules(const std::string& by, std::vector<RuleStats>& rules) {
  auto down = [&](auto member) {
    std::ranges::stable_sort(rules, std::ranges::greater{}, member);
  };
  if (by == "packets") down(&RuleStats::packets);
  if (by == "bytes") down(&RuleStats::bytes);
  if (by == "changed") down(&RuleStats::changed);
  if (by == "name") std::ranges::stable_sort(rules, {}, &RuleStats::name);
}

constexpr const char* kBanFull = "(not banned: set full)";

std::string within_label(const RuleStats& rule) {
  return rule.name + " (within)";
}

std::string over_label(const RuleStats& rule) { return rule.name + " (over)"; }

Json to_json(const InstanceStats& stats) {
  Json rules = Json::array();
  for (const RuleStats& rule : stats.rules) {
    rules.push_back({{"name", rule.name},
                     {"packets", rule.packets},
                     {"bytes", rule.bytes},
                     {"changed", rule.changed}});
    if (!rule.over) continue;
    rules.back()["within"] = xdpgate::to_json(within(rule));
    rules.back()["over"] = xdpgate::to_json(*rule.over);
  }
  return {{"instance", stats.instance},
          {"generation", stats.generation},
          {"rules", rules},
          {"default", xdpgate::to_json(stats.default_action)},
          {"ban_full", xdpgate::to_json(stats.ban_full)},
          {"malformed", xdpgate::to_json(stats.malformed)},
          {"verdicts", xdpgate::to_json(stats.verdicts)},
          {"reject", xdpgate::to_json(stats.reject)},
          {"capture", xdpgate::to_json(stats.capture)},
          {"lease", xdpgate::to_json(stats.lease)}};
}

// The lines of the report, one counter each.
class Report {
 public:
  Report(const InstanceStats& stats, const Before* before)
      : stats_(stats), before_(before) {
    for (const auto& [name, counter] : stats.verdicts) {
      all_ += counter.packets;
    }
  }

  std::string text(bool nonzero) {
    Row head = {"rule", "packets", "bytes", "share", "changed"};
    if (before_) head.push_back("packets/s");
    rows_.push_back(head);
    for (const RuleStats& rule : stats_.rules) {
      add(rule.name, {rule.packets, rule.bytes},
          fmt::format("gen {}", rule.changed));
      if (!rule.over) continue;
      add(within_label(rule), within(rule), "");
      add(over_label(rule), *rule.over, "");
    }
    if (!nonzero || stats_.default_action.packets > 0) {
      add("(default)", stats_.default_action, "");
    }
    if (stats_.ban_full.packets > 0) {
      add(kBanFull, stats_.ban_full, "");
    }
    add_present("(malformed) ", stats_.malformed);
    add_present("= ", stats_.verdicts);
    add_present("(reject) ", stats_.reject);
    add_present("(capture) ", stats_.capture);
    return fmt::format("{}: generation {}\n{}{}", stats_.instance,
                       stats_.generation, lease_line(), table(rows_));
  }

 private:
  std::string lease_line() const {
    return stats_.lease ? "  " + lease_text(*stats_.lease) + "\n" : "";
  }

  void add_present(const std::string& label,
                   const std::map<std::string, xg_counter>& counters) {
    for (const auto& [name, counter] : counters) {
      if (counter.packets > 0) add(label + name, counter, "");
    }
  }

  void add(const std::string& label, const xg_counter& counter,
           const std::string& changed) {
    const auto all = static_cast<double>(std::max<std::uint64_t>(all_, 1));
    const double share = 100 * static_cast<double>(counter.packets) / all;
    Row row = {label, grouped(counter.packets), grouped(counter.bytes),
               fmt::format("{:.1f} %", share), changed};
    if (before_) row.push_back(rate(label, counter.packets));
    rows_.push_back(std::move(row));
  }

  std::string rate(const std::string& label, std::uint64_t packets) const {
    const auto before = before_->packets.find(label);
    if (before == before_->packets.end() || packets < before->second) return "";
    return grouped(static_cast<std::uint64_t>(
        static_cast<double>(packets - before->second) / before_->seconds_ago));
  }

  const InstanceStats& stats_;
  const Before* before_;
  std::uint64_t all_ = 0;
  std::vector<Row> rows_;
};

// The same labels as the report's.
std::map<std::string, std::uint64_t> packets_by_label(
    const InstanceStats& stats) {
  std::map<std::string, std::uint64_t> result;
  for (const auto& rule : stats.rules) {
    result[rule.name] = rule.packets;
    if (!rule.over) continue;
    result[within_label(rule)] = within(rule).packets;
    result[over_label(rule)] = rule.over->packets;
  }
  result[kBanFull] = stats.ban_full.packets;
  result["(default)"] = stats.default_action.packets;
  for (const auto& [name, c] : stats.malformed) {
    result["(malformed) " + name] = c.packets;
  }
  for (const auto& [name, c] : stats.verdicts) result["= " + name] = c.packets;
  for (const auto& [name, c] : stats.reject) {
    result["(reject) " + name] = c.packets;
  }
  for (const auto& [name, c] : stats.capture) {
    result["(capture) " + name] = c.packets;
  }
  return result;
}

// One report; `before` may be null.
Result<InstanceStats> report(const StatsOptions& options,
                             const Before* before) {
  auto stats = xdpgate::stats(options.instance);
  if (!stats) return stats;
  auto kept = keep_asked(options, *stats);
  if (!kept) return std::unexpected(kept.error());
  sort_rules(options.sort, stats->rules);
  if (options.json) {
    write_json(to_json(*stats));
  } else {
    const bool clear = options.watch_s > 0 && is_terminal(stdout);
    write_out((clear ? "\033[H\033[2J" : "") +
              Report(*stats, before).text(options.nonzero));
  }
  return stats;
}

int watch(const StatsOptions& options) {
  using Clock = std::chrono::steady_clock;
  const Interrupt interrupt;
  Before before;
  auto last = Clock::now();
  for (bool first = true;; first = false) {
    const auto now = Clock::now();
    before.seconds_ago = std::chrono::duration<double>(now - last).count();
    last = now;
    auto stats = report(options, first ? nullptr : &before);
    if (!stats) return refuse(stats.error());
    // What the first report needed may have been more: a file system to mount.
    auto less = keep_capabilities({});
    if (!less) return refuse(less.error());
    before.packets = packets_by_label(*stats);
    const std::chrono::duration<double> spent = Clock::now() - now;
    if (interrupt.comes_within(options.watch_s - spent.count())) return kDone;
  }
}

int stats(const StatsOptions& options) {
  if (options.watch_s > 0) return watch(options);
  auto once = report(options, nullptr);
  return once ? kDone : refuse(once.error());
}

void add_options(CLI::App& command, StatsOptions& options) {
  command.add_option("RULE", options.rules, "these rules only");
  command.add_option("--name", options.instance, "which instance")
      ->type_name("NAME");
  takes_pause(command.add_option("--watch", options.watch_s,
                                 "again and again, with rates, until "
                                 "interrupted: 1s, 500ms, 1m"));
  command.add_flag("--nonzero", options.nonzero,
                   "leave out what has counted nothing");
  command
      .add_option("--sort", options.sort,
                  "policy (order of the file), packets, bytes, name or changed")
      ->type_name("KEY")
      ->check(one_of({"policy", "packets", "bytes", "name", "changed"}));
  command.add_flag("--json", options.json, "one JSON object a report");
}

}  // namespace

void add_stats(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<StatsOptions>();
  CLI::App* command = app.add_subcommand(
      "stats", "Per rule: packets, bytes, share, last change");
  command->footer(
      "`changed` is the generation in which the rule was last changed. Below "
      "the rules:\nwhat the default decided, malformed packets by cause, "
      "the verdicts, what\nbecame of rejected packets and of packets for "
      "`xdpgate capture`.\n\nExample: xdpgate stats --watch 1s --nonzero --sort "
      "packets");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = stats(*options); });
}

}  // namespace xdpgate
