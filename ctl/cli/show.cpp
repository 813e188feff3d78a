// SPDX-License-Identifier: GPL-2.0-only
// xdpgate show: the running policy as it was written, out of the kernel.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "bpf/instance.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/lease_text.h"
#include "cli/terminal.h"
#include "rulefile/read.h"

namespace xdpgate {
namespace {

struct ShowOptions {
  std::string instance;
  bool counters = false;
  bool json = false;
};

const Node* value_of(const RuleFile& file, const Node& map,
                     std::string_view key) {
  for (std::size_t i = 0; i < file.entries(map); ++i) {
    if (file.text(file.key(map, i)) == key) return &file.value(map, i);
  }
  return nullptr;
}

// The line (1-based) on which each rule of the policy begins, by name.
std::map<std::string, int> rule_lines(const std::string& source) {
  Diagnostics ignored;  // it was sound when it was applied
  std::map<std::string, int> lines;
  const auto file = read_rule_file(source, "", ignored);
  const Node* rules = file ? value_of(*file, file->root(), "rules") : nullptr;
  if (!rules) return lines;
  for (const Node& rule : file->items(*rules)) {
    const Node* name = value_of(*file, rule, "name");
    if (name) lines.emplace(file->text(*name), rule.at.line);
  }
  return lines;
}

// `source` with a comment line above each rule; a line of its own, since it is
// safe wherever a rule can begin.
std::string with_counters(const std::string& source,
                          const InstanceStats& stats) {
  std::multimap<int, std::string> comments;
  const auto lines = rule_lines(source);
  for (const RuleStats& rule : stats.rules) {
    const auto line = lines.find(rule.name);
    if (line == lines.end()) continue;
    comments.emplace(line->second,
                     fmt::format("# {}: {} packets, {} bytes", rule.name,
                                 grouped(rule.packets), grouped(rule.bytes)));
  }
  std::string result;
  std::size_t at = 0;
  for (int line = 1; at < source.size(); ++line) {
    const std::size_t end = std::min(source.find('\n', at), source.size() - 1);
    const std::string_view text(&source[at], end + 1 - at);
    const auto indent = std::min(text.find_first_not_of(' '), text.size());
    const auto [first, last] = comments.equal_range(line);
    for (auto it = first; it != last; ++it) {
      result += std::string(indent, ' ') + it->second + "\n";
    }
    result += text;
    at = end + 1;
  }
  return result;
}

int show(const ShowOptions& options) {
  auto source = running_source(options.instance);
  if (!source) return refuse(source.error());
  note_lease(options.instance);
  if (options.counters) {
    auto counts = stats(options.instance);
    if (!counts) return refuse(counts.error());
    *source = with_counters(*source, *counts);
  }
  if (options.json) {
    write_json({{"source", *source}});
  } else {
    write_out(*source);
  }
  return kDone;
}

}  // namespace

void add_show(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand(
      "show", "The running policy's source, from the kernel");
  command->footer(
      "Prints the policy file byte for byte as it was applied.\n\nExample: "
      "xdpgate show --counters");
  command->add_option("--name", options->instance, "which instance")
      ->type_name("NAME");
  command->add_flag("--counters", options->counters,
                    "with each rule's counts in a comment above it");
  command->add_flag("--json", options->json, "one JSON object: source");
  command->callback(
      [options, &outcome] { outcome.exit_code = show(*options); });
}

}  // namespace xdpgate
