// SPDX-License-Identifier: GPL-2.0-only
// xdpgate replay: captures through a policy, without an interface.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "bpf/kernel_engine.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "pcap/capture.h"
#include "pcap/replay_clock.h"

namespace xdpgate {
namespace {

struct ReplayOptions {
  std::string policy;
  std::vector<std::string> captures;
  std::string pass_file, drop_file;
  std::string engine = "kernel";
  std::string interface;
  bool packets = false;
  bool coverage = false;
  bool json = false;
};

std::string rule_name(const Policy& policy, const Decision& decision) {
  return decision.rule ? policy.rules[*decision.rule].name : "";
}

// Where frames of one verdict are kept, if anywhere.
class VerdictFile {
 public:
  Result<void> open(const std::string& path) {
    if (path.empty()) return {};
    auto writer = CaptureWriter::create(path);
    if (!writer) return std::unexpected(writer.error());
    writer_ = std::move(*writer);
    return {};
  }
  Result<void> write(const Frame& frame) {
    return writer_ ? writer_->write(frame) : Result<void>{};
  }
  Result<void> close() { return writer_ ? writer_->close() : Result<void>{}; }

 private:
  std::optional<CaptureWriter> writer_;
};

class Replay {
 public:
  Replay(const ReplayOptions& options, const Policy& policy, Engine& engine)
      : options_(options),
        policy_(policy),
        engine_(engine),
        ifindex_(pseudo_ifindex(policy, options.interface)) {
    for (int v = 0; v < XG_VERDICTS; ++v) {
      verdicts_[verdict_name(static_cast<xg_verdict>(v))] = {};
    }
  }

  Result<void> run() {
    if (auto opened = pass_.open(options_.pass_file); !opened) return opened;
    if (auto opened = drop_.open(options_.drop_file); !opened) return opened;
    for (const std::string& path : options_.captures) {
      auto done = replay_file(path);
      if (!done) return done;
    }
    if (auto closed = pass_.close(); !closed) return closed;
    if (auto closed = drop_.close(); !closed) return closed;
    return options_.packets ? Result<void>{} : print_totals();
  }

 private:
  Result<void> replay_file(const std::string& path) {
    auto reader = CaptureReader::open(path);
    if (!reader) return std::unexpected(reader.error());
    Frame frame;
    for (;;) {
      auto more = reader->next(frame);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      auto judged = replay_frame(path, frame);
      if (!judged) return judged;
    }
  }

  Result<void> replay_frame(const std::string& path, const Frame& frame) {
    engine_.set_clock(clock_.at(frame.time));
    auto decision = engine_.judge(frame.bytes, ifindex_);
    if (!decision) return std::unexpected(decision.error());
    ++frames_;
    count(verdicts_[verdict_name(decision->verdict)], frame);
    count(classes_[class_name(decision->packet_class)], frame);
    if (options_.packets) print_frame(path, frame, *decision);
    if (decision->verdict == XG_PASS) return pass_.write(frame);
    return decision->verdict == XG_DROP ? drop_.write(frame) : Result<void>{};
  }

  static void count(xg_counter& counter, const Frame& frame) {
    ++counter.packets;
    counter.bytes += frame.bytes.size();
  }

  void print_frame(const std::string& path, const Frame& frame,
                   const Decision& decision) const {
    const std::string rule = rule_name(policy_, decision);
    const char* verdict = verdict_name(decision.verdict);
    const char* packet_class = class_name(decision.packet_class);
    if (!options_.json) {
      return write_out(fmt::format(
          "{}:{}: {} by {}, {}\n", path, frame.number, verdict,
          rule.empty() ? "no rule" : "`" + rule + "`", packet_class));
    }
    write_json({{"file", path},
                {"frame", frame.number},
                {"verdict", verdict},
                {"rule", rule.empty() ? Json(nullptr) : Json(rule)},
                {"class", packet_class}});
  }

  Result<void> print_totals() {
    auto counters = engine_.counters();
    if (!counters) return std::unexpected(counters.error());
    auto over = engine_.over_counters();
    if (!over) return std::unexpected(over.error());
    over_ = std::move(*over);
    if (options_.json) {
      write_json(totals_json(*counters));
    } else {
      write_out(totals_text(*counters));
      if (options_.coverage) write_out(coverage_text(*counters));
    }
    return {};
  }

  static xg_counter within(const xg_counter& all, const xg_counter& over) {
    return {all.packets - over.packets, all.bytes - over.bytes};
  }

  // Calls `use` with the name of each rule, what it has counted, and what of it
  // was beyond its limit (null: it has none).
  template <class Use>
  void for_each_rule(const std::vector<xg_counter>& counters, Use use) const {
    auto over = over_.begin();
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      const Rule& rule = policy_.rules[i];
      use(rule.name, counters[XG_SLOT_RULE + i],
          rule.limit ? &*over++ : nullptr);
    }
  }

  Json totals_json(const std::vector<xg_counter>& counters) const {
    Json rules = Json::object();
    for_each_rule(counters, [&](const std::string& name, const xg_counter& all,
                                const xg_counter* over) {
      Json& rule = rules[name] = to_json(all);
      if (!over) return;
      rule["within"] = to_json(within(all, *over));
      rule["over"] = to_json(*over);
    });
    Json totals = {{"frames", frames_},
                   {"verdicts", packets_by_name(verdicts_)},
                   {"rules", rules},
                   {"classes", packets_by_name(classes_)}};
    if (options_.coverage) totals["coverage"] = coverage_json(counters);
    return totals;
  }

  // The rules that some packet has met, or none has.
  [[nodiscard]] std::vector<std::string> rules_met(
      const std::vector<xg_counter>& counters, bool met) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      if ((counters[XG_SLOT_RULE + i].packets > 0) == met) {
        names.push_back(policy_.rules[i].name);
      }
    }
    return names;
  }

  Json coverage_json(const std::vector<xg_counter>& counters) const {
    return {{"reached", rules_met(counters, true)},
            {"never", rules_met(counters, false)}};
  }

  std::string coverage_text(const std::vector<xg_counter>& counters) const {
    const auto never = rules_met(counters, false);
    const std::size_t all = policy_.rules.size();
    std::string text = fmt::format("reached {} of {} rules\n",
                                   grouped(all - never.size()), grouped(all));
    if (!never.empty()) {
      text += fmt::format("never: {}\n", fmt::join(never, ", "));
    }
    return text;
  }

  static Json packets_by_name(const std::map<std::string, xg_counter>& all) {
    Json result = Json::object();
    for (const auto& [name, counter] : all) result[name] = counter.packets;
    return result;
  }

  std::string totals_text(const std::vector<xg_counter>& counters) const {
    std::vector<std::vector<std::string>> rows = {{"rule", "packets", "bytes"}};
    auto add = [&](const std::string& label, const xg_counter& counter) {
      rows.push_back({label, grouped(counter.packets), grouped(counter.bytes)});
    };
    for_each_rule(counters, [&](const std::string& name, const xg_counter& all,
                                const xg_counter* over) {
      add(name, all);
      if (!over) return;
      add(name + " (within)", within(all, *over));
      add(name + " (over)", *over);
    });
    add("(default)", counters[XG_SLOT_DEFAULT]);
    for (const auto& [name, counter] : classes_) {
      if (name != class_name(XG_CLASS_OK)) add("(malformed) " + name, counter);
    }
    for (const auto& [name, counter] : verdicts_) {
      if (counter.packets > 0) add("= " + name, counter);
    }
    return fmt::format("{} frames\n{}", grouped(frames_), table(rows));
  }

  const ReplayOptions& options_;
  const Policy& policy_;
  Engine& engine_;
  ReplayClock clock_;
  std::uint32_t ifindex_;
  std::uint64_t frames_ = 0;
  std::map<std::string, xg_counter> verdicts_, classes_;
  std::vector<xg_counter> over_;  // by limit, once all frames are judged
  VerdictFile pass_, drop_;
};

Result<std::unique_ptr<Engine>> make_engine(const std::string& kind,
                                            Image image) {
  if (kind == "native") return make_native_engine(std::move(image));
  auto engine = make_kernel_engine(std::move(image));
  if (!engine) {
    std::string& hint = engine.error().hint;
    hint += hint.empty() ? "" : "; ";
    hint += "--engine native needs no privilege";
  }
  return engine;
}

bool is_same_file(const std::string& one, const std::string& other) {
  namespace fs = std::filesystem;
  std::error_code absent;
  return fs::weakly_canonical(one, absent) ==
             fs::weakly_canonical(other, absent) ||
         fs::equivalent(one, other, absent);
}

// What files are read, "-" for standard input among them.
std::vector<std::string> inputs(const ReplayOptions& options) {
  auto all = options.captures;
  all.push_back(options.policy);
  return all;
}

// Why the files that are named cannot be what was meant; empty: they can.
std::string slip(const ReplayOptions& options) {
  const auto read = inputs(options);
  if (options.packets && options.coverage) {
    return "--coverage goes with totals, which --packets leaves out";
  }
  if (std::ranges::count(read, "-") > 1) {
    return "standard input can be read once only";
  }
  if (!options.pass_file.empty() &&
      is_same_file(options.pass_file, options.drop_file)) {
    return "--pass and --drop name the same file";
  }
  for (const std::string& file : {options.pass_file, options.drop_file}) {
    if (file.empty()) continue;
    if (file == "-") return "captures are written to files, not to `-`";
    for (const std::string& path : read) {
      if (is_same_file(file, path)) return file + " is read, so not written";
    }
  }
  return {};
}

int replay(const ReplayOptions& options) {
  if (auto wrong = slip(options); !wrong.empty()) {
    return misuse("replay", wrong);
  }
  auto compiled = load_image_or_say(options.policy, pseudo_ifindex);
  if (!compiled) return compiled.error();
  auto engine = make_engine(options.engine, std::move(compiled->image));
  if (!engine) return refuse(engine.error());
  auto done = Replay(options, compiled->policy, **engine).run();
  return done ? kDone : refuse(done.error());
}

void add_options(CLI::App& command, ReplayOptions& options) {
  command.add_option("POLICY", options.policy, "policy file; - for stdin")
      ->required();
  command
      .add_option("PCAP", options.captures, "pcap or pcapng files; - for stdin")
      ->required();
  command.add_flag("--packets", options.packets, "a line a frame, no totals");
  command.add_option("--pass", options.pass_file, "write passed frames here")
      ->type_name("FILE");
  command.add_option("--drop", options.drop_file, "write dropped frames here")
      ->type_name("FILE");
  command
      .add_option("--engine", options.engine,
                  "kernel (default): the XDP program, needs root; native: the "
                  "same source on the host, needs no privilege")
      ->type_name("ENGINE")
      ->check(one_of({"kernel", "native"}));
  command
      .add_option("-i,--interface", options.interface,
                  "the interface that `interface:` rules see; default: none")
      ->type_name("IF");
  command.add_flag("--coverage", options.coverage,
                   "say which rules were reached, and which never");
  command.add_flag("--json", options.json,
                   "one JSON object; with --packets one a frame");
}

}  // namespace

void add_replay(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = app.add_subcommand(
      "replay", "Run captures through a policy; counts per rule and verdict");
  command->footer(
      "Ethernet captures as they are; raw IP and Linux cooked ones get an "
      "Ethernet header,\nwhich counts in their bytes. Frames cut by a snap "
      "length are padded with zeros to\ntheir length on the wire.\n\nExample: "
      "xdpgate replay --engine native rules/blocklist.yaml pcaps/*.pcap");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = replay(*options); });
}

}  // namespace xdpgate
