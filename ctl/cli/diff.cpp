// SPDX-License-Identifier: GPL-2.0-only
// xdpgate diff: which packets two policies judge differently.
#include "analyze/diff.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "base/say.h"
#include "cli/command.h"
#include "cli/diff_report.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "pcap/capture.h"

namespace xdpgate {
namespace {

struct DiffCommand {
  std::string old_policy, new_policy;
  std::vector<std::string> captures;
  std::string interface;
  double budget_s = 10;
  bool all = false;
  bool exit_code = false;
  bool json = false;
};

// Whose difference a frame is; of packets that contradict themselves apart.
using Deciders =
    std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>;

// Puts the frames of captures through both policies.
class TrafficCounter {
 public:
  TrafficCounter(const DiffReport& report, const DiffCommand& options,
                 const Compiled& old_one, const Compiled& new_one)
      : old_ifindex_(pseudo_ifindex(old_one.policy, options.interface)),
        new_ifindex_(pseudo_ifindex(new_one.policy, options.interface)),
        old_engine_(make_native_engine(old_one.image)),
        new_engine_(make_native_engine(new_one.image)) {
    traffic_.of.resize(report.differences.size());
    for (std::size_t i = 0; i < report.differences.size(); ++i) {
      const Difference& d = report.differences[i];
      by_deciders_.emplace(Deciders{d.old_side.rule, d.new_side.rule}, i);
    }
  }

  Result<void> count(const std::string& path) {
    auto reader = CaptureReader::open(path);
    if (!reader) return std::unexpected(reader.error());
    Frame frame;
    for (;;) {
      auto more = reader->next(frame);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      auto counted = count(frame);
      if (!counted) return counted;
    }
  }
  [[nodiscard]] const DiffTraffic& traffic() const { return traffic_; }

 private:
  Result<void> count(const Frame& frame) {
    auto before = old_engine_->judge(frame.bytes, old_ifindex_);
    if (!before) return std::unexpected(before.error());
    auto after = new_engine_->judge(frame.bytes, new_ifindex_);
    if (!after) return std::unexpected(after.error());
    add(traffic_.all, frame);
    const auto known = by_deciders_.find({before->rule, after->rule});
    const bool changed = before->verdict != after->verdict;
    if (known != by_deciders_.end() && (changed || before->rule)) {
      add(traffic_.of[known->second], frame);
    } else if (changed) {
      add(traffic_.elsewhere, frame);
    }
    return {};
  }

  static void add(xg_counter& counter, const Frame& frame) {
    ++counter.packets;
    counter.bytes += frame.bytes.size();
  }

  std::uint32_t old_ifindex_, new_ifindex_;
  std::unique_ptr<Engine> old_engine_, new_engine_;
  std::map<Deciders, std::size_t> by_deciders_;
  DiffTraffic traffic_;
};

void print(const DiffCommand& options, const DiffReport& report,
           const Policy& old_one, const Policy& new_one,
           const DiffTraffic* traffic) {
  note_incomplete(report, options.budget_s);
  note_bridge(old_one, new_one);
  if (traffic && traffic->elsewhere.packets > 0) {
    say("xdpgate: note: {} packets of the captures change verdict "
        "elsewhere\n",
        traffic->elsewhere.packets);
  }
  if (options.json) {
    write_json(diff_json(report, old_one, new_one, traffic));
  } else {
    const std::size_t most =
        options.all ? report.differences.size() : kShownDifferences;
    write_out(diff_text(report, old_one, new_one, traffic, most));
  }
}

int ended(const DiffCommand& options, const DiffReport& report) {
  const bool differ = !report.differences.empty() || report.unshown > 0;
  return options.exit_code && differ ? kRejected : kDone;
}

DiffReport compared(const DiffCommand& options, const Policy& old_one,
                    const Policy& new_one) {
  return diff(old_one, new_one, {.seconds = options.budget_s});
}

// Captures go through the images.
int diff_images(const DiffCommand& options) {
  const auto old_one = load_image_or_say(options.old_policy, pseudo_ifindex);
  const auto new_one = load_image_or_say(options.new_policy, pseudo_ifindex);
  if (!old_one) return old_one.error();
  if (!new_one) return new_one.error();
  const auto report = compared(options, old_one->policy, new_one->policy);
  TrafficCounter counter(report, options, *old_one, *new_one);
  for (const std::string& path : options.captures) {
    auto counted = counter.count(path);
    if (!counted) return refuse(counted.error());
  }
  print(options, report, old_one->policy, new_one->policy, &counter.traffic());
  return ended(options, report);
}

int diff_policies(const DiffCommand& options) {
  const auto old_one = load_policy_or_say(options.old_policy);
  const auto new_one = load_policy_or_say(options.new_policy);
  if (!old_one) return old_one.error();
  if (!new_one) return new_one.error();
  const auto report = compared(options, *old_one, *new_one);
  print(options, report, *old_one, *new_one, nullptr);
  return ended(options, report);
}

int diff_files(const DiffCommand& options) {
  if (options.old_policy == "-" && options.new_policy == "-") {
    return misuse("diff", "only one of OLD and NEW can be standard input");
  }
  return options.captures.empty() ? diff_policies(options)
                                  : diff_images(options);
}

void add_options(CLI::App& command, DiffCommand& options) {
  command.add_option("OLD", options.old_policy, "policy file; - for stdin")
      ->required();
  command.add_option("NEW", options.new_policy, "policy file; - for stdin")
      ->required();
  command
      .add_option("--traffic", options.captures,
                  "weigh by the packets of a capture; may be repeated")
      ->type_name("PCAP")
      ->allow_extra_args(false);
  command
      .add_option("-i,--interface", options.interface,
                  "where the packets of captures come in")
      ->type_name("IF");
  command
      .add_option("--budget", options.budget_s,
                  "how long to look for differences (10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e6));
  command.add_flag("--all", options.all,
                   "show all differences, not the first 20 only");
  command.add_flag("--exit-code", options.exit_code,
                   "end with 1 where there are differences");
  command.add_flag("--json", options.json, "one JSON array");
}

}  // namespace

void add_diff(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<DiffCommand>();
  CLI::App* command = app.add_subcommand(
      "diff", "The packets that two policies judge differently");
  command->footer(
      "Prints each difference once: the packets whose verdict changes, in the "
      "words of a\nmatch, by which rules they were and are decided, and an "
      "example that the evaluator\nhas confirmed. Nothing where the policies "
      "mean the same, however they are written.\n\nEnds with 0, as other "
      "commands do; with --exit-code, like diff, with 1 where there\nare "
      "differences.\n\nExample: xdpgate diff old.yaml new.yaml --traffic "
      "pcaps/mixed.pcapng");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = diff_files(*options); });
}

}  // namespace xdpgate
