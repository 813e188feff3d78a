// SPDX-License-Identifier: GPL-2.0-only
// xdpgate bench: what a packet costs under a policy, on this machine.
#include "bpf/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/say.h"
#include "bpf/bench_sets.h"
#include "bpf/program.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "cli/terminal.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "packet/trace.h"
#include "pcap/capture.h"

namespace xdpgate {
namespace {

using Frames = std::vector<std::vector<std::uint8_t>>;

// A test run's packets come in by the loopback interface. pseudo_ifindex()
// gives its number to the first interface that a policy names.
constexpr std::uint32_t kTestRunIfindex = 1;
constexpr unsigned kLeastRounds = 5;

struct BenchCommand {
  std::string policy;
  std::string trace;  ///< a capture; empty: made for the policy
  std::size_t packets = 100'000;
  unsigned rounds = 15;
  std::uint64_t seed = 1;
  Locality locality = Locality::kEven;
  bool json = false;
};

// The packets of the three kinds, and what there is to say of them.
struct Traces {
  std::array<Frames, 3> of;  ///< by TraceKind
  std::size_t different = 0;
  std::vector<std::string> notes;
};

constexpr std::array<const char*, 3> kKindNames = {"hit", "miss", "mix"};

Frames& frames_of(Traces& traces, TraceKind kind) {
  return traces.of[static_cast<std::size_t>(kind)];
}

DecidingRule deciding_rule(Engine& native) {
  return [&native](std::span<const std::uint8_t> frame,
                   const std::string&) -> std::optional<std::uint32_t> {
    const auto decision = native.judge(frame, kTestRunIfindex);
    return decision ? decision->rule : std::nullopt;
  };
}

Traces make_traces(const BenchCommand& command, const Policy& policy,
                   const DecidingRule& decide) {
  Traces traces;
  for (TraceKind kind : {TraceKind::kHit, TraceKind::kMiss, TraceKind::kMix}) {
    Trace made =
        make_trace(policy, decide,
                   {kind, command.packets, command.seed, command.locality});
    for (TraceFrame& frame : made.frames) {
      frames_of(traces, kind).push_back(std::move(frame.bytes));
    }
    traces.different = made.different;  // the mix's, which comes last
    if (!made.shortfall.empty()) traces.notes.push_back(made.shortfall);
  }
  return traces;
}

// The frames of a capture are the mix; they are told apart by who decides.
Result<Traces> read_traces(const std::string& path,
                           const DecidingRule& decide) {
  auto reader = CaptureReader::open(path);
  if (!reader) return std::unexpected(reader.error());
  Traces traces;
  Frame frame;
  for (;;) {
    auto more = reader->next(frame);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const bool hit = decide(frame.bytes, "").has_value();
    frames_of(traces, hit ? TraceKind::kHit : TraceKind::kMiss)
        .push_back(frame.bytes);
    frames_of(traces, TraceKind::kMix).push_back(frame.bytes);
  }
  Frames all = frames_of(traces, TraceKind::kMix);
  std::ranges::sort(all);
  traces.different = static_cast<std::size_t>(
      std::unique(all.begin(), all.end()) - all.begin());
  return traces;
}

// All traces in heads of one size, so that they have one floor.
void level(Traces& traces) {
  std::size_t longest = 0;
  for (const Frames& frames : traces.of) {
    for (const auto& frame : frames) longest = std::max(longest, frame.size());
  }
  for (Frames& frames : traces.of) {
    for (auto& frame : frames) frame.resize(longest);
  }
}

// Nanoseconds a packet; none where there are no packets of the kind.
struct Figures {
  std::optional<double> floor, parse;
  std::array<std::optional<double>, 3> policy;  ///< by TraceKind
};

Result<Figures> measure(const BenchCommand& command, const Image& image,
                        const Traces& traces) {
  auto program = load_program(image);
  if (!program) return std::unexpected(program.error());
  auto filled = fill_sets(*program, image);
  if (!filled) return std::unexpected(filled.error());
  Figures figures;
  for (std::size_t kind = 0; kind < traces.of.size(); ++kind) {
    if (traces.of[kind].empty()) continue;
    auto bench =
        Bench::create({traces.of[kind]}, {.features = image.header().features});
    if (!bench) return std::unexpected(bench.error());
    const std::array fds = {bench->floor_fd(), bench->parse_fd(),
                            program->fd()};
    auto times = time_rounds(*bench, fds, command.rounds);
    if (!times) return std::unexpected(times.error());
    const auto medians = quiet_medians(*times);
    figures.floor = medians[0];  // in the end the mix's
    figures.parse = medians[1];
    figures.policy[kind] = medians[2];
  }
  return figures;
}

Json number_or_null(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json to_json(const BenchCommand& command, const Compiled& compiled,
             const Traces& traces, const Figures& figures) {
  const xg_header& header = compiled.image.header();
  Json result = {{"rules", header.rule_count},
                 {"floor_ns", number_or_null(figures.floor)},
                 {"parse_ns", number_or_null(figures.parse)},
                 {"packets", traces.different},
                 {"rounds", command.rounds},
                 {"image_bytes", header.size},
                 {"build_s", compiled.build_s},
                 {"notes", traces.notes}};
  for (std::size_t kind = 0; kind < kKindNames.size(); ++kind) {
    result[fmt::format("{}_ns", kKindNames[kind])] =
        number_or_null(figures.policy[kind]);
  }
  return result;
}

std::vector<std::string> row(const std::string& label,
                             const std::optional<double>& ns, double floor) {
  if (!ns) return {label, "-", "-", "-"};
  return {label, fmt::format("{:.0f}", *ns), fmt::format("{:.0f}", *ns - floor),
          fmt::format("{:.1f}", 1e3 / *ns)};
}

std::string to_text(const BenchCommand& command, const Compiled& compiled,
                    const Traces& traces, const Figures& figures) {
  const xg_header& header = compiled.image.header();
  const double floor = figures.floor.value_or(0);
  std::vector<std::vector<std::string>> rows = {
      {"", "ns/packet", "over floor", "Mpps/core"},
      row("floor", figures.floor, floor),
      row("parse", figures.parse, floor)};
  for (std::size_t kind = 0; kind < kKindNames.size(); ++kind) {
    rows.push_back(row(kKindNames[kind], figures.policy[kind], floor));
  }
  return fmt::format(
      "{}: {} {}, image {}, built in {:.3f} s\n"
      "{} different packets, {} rounds, medians of the quiet ones\n{}",
      command.policy, grouped(header.rule_count),
      header.rule_count == 1 ? "rule" : "rules", byte_size(header.size),
      compiled.build_s, grouped(traces.different), command.rounds, table(rows));
}

int bench(const BenchCommand& command) {
  const auto compiled = load_image_or_say(command.policy, pseudo_ifindex);
  if (!compiled) return compiled.error();
  const auto native = make_native_engine(compiled->image);
  const DecidingRule decide = deciding_rule(*native);
  auto traces = command.trace.empty()
                    ? make_traces(command, compiled->policy, decide)
                    : read_traces(command.trace, decide);
  if (!traces) return refuse(traces.error());
  level(*traces);
  auto figures = measure(command, compiled->image, *traces);
  if (!figures) return refuse(figures.error());
  if (command.json) {
    write_json(to_json(command, *compiled, *traces, *figures));
    return kDone;
  }
  for (const std::string& note : traces->notes) {
    say("xdpgate: note: {}\n", note);
  }
  write_out(to_text(command, *compiled, *traces, *figures));
  return kDone;
}

}  // namespace

void add_bench(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<BenchCommand>();
  CLI::App* command = app.add_subcommand(
      "bench", "Nanoseconds per packet of a policy, beside the floor");
  command->footer(
      "Loads POLICY, attaches nothing, and runs it over a trace in the kernel "
      "(as root):\npackets made for the policy, or those of --trace. `hit`: a "
      "rule decides; `miss`: none\ndoes; `mix`: half and half, or the whole "
      "of --trace. The floor is a program that\nreads nothing; `parse` reads "
      "the packet and does not judge it. All include the\nharness, which "
      "lays the next packet over the frame.\n\nExample: xdpgate bench "
      "rules/host-protection.yaml");
  command->add_option("POLICY", options->policy, "policy file; - for stdin")
      ->required();
  command
      ->add_option("--trace", options->trace, "time the frames of this capture")
      ->type_name("PCAP");
  command
      ->add_option("--packets", options->packets,
                   "packets a made trace (default 100000)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000'000));
  command
      ->add_option("--rounds", options->rounds,
                   "rounds, at least 5 (default 15)")
      ->type_name("N")
      ->check(CLI::Range(kLeastRounds, 10'000u));
  command->add_option("--seed", options->seed, "of a made trace (default 1)")
      ->type_name("N");
  const std::map<std::string, Locality> localities = {
      {"even", Locality::kEven}, {"realistic", Locality::kRealistic}};
  command
      ->add_option("--locality", options->locality,
                   "even (every rule alike) or realistic (some rules far "
                   "more often, packets in bursts)")
      ->type_name("KIND")
      ->transform(CLI::CheckedTransformer(localities).description(""));
  command->add_flag("--json", options->json, "one JSON object");
  command->callback(
      [options, &outcome] { outcome.exit_code = bench(*options); });
}

}  // namespace xdpgate
