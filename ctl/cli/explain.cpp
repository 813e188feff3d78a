// SPDX-License-Identifier: GPL-2.0-only
// xdpgate explain: one packet, field by field and rule by rule.
#include <fmt/format.h>

#include <climits>
#include <memory>
#include <utility>

#include "bpf/entry.h"
#include "bpf/kernel_engine.h"
#include "cli/command.h"
#include "cli/explain_json.h"
#include "cli/explain_report.h"
#include "cli/explain_sets.h"
#include "cli/explain_subject.h"
#include "cli/packet_input.h"
#include "engine/engine.h"
#include "explain/explanation.h"

namespace xdpgate {
namespace {

constexpr std::size_t kAllRules = static_cast<std::size_t>(-1);

struct ExplainOptions {
  std::string policy;
  std::string running;
  PacketOptions packet;
  std::size_t near = 20;
  bool all = false;
  bool json = false;

  [[nodiscard]] std::size_t shown() const { return all ? kAllRules : near; }
};

// Where a running program's copy is another program, since another build of
// xdpgate has loaded it.
std::string tag_note(const Subject& subject, const Engine& kernel) {
  const auto tag = program_tag(program_fd(kernel));
  if (subject.program_tag.empty() || !tag || *tag == subject.program_tag) {
    return {};
  }
  return " (by this build's program; the running one is another build's)";
}

// The kernel's answer, or why it was not asked.
Result<Answer> kernel_answer(const Subject& subject, const LiveSets& live,
                             const PacketInput& packet) {
  if (!kernel_takes(packet.frame)) {
    return Answer{"kernel", std::nullopt,
                  fmt::format("a test run takes no frame of {} bytes",
                              packet.frame.size())};
  }
  auto engine = make_kernel_engine(subject.image);
  if (!engine) return Answer{"kernel", std::nullopt, engine.error().line()};
  auto filled = fill(**engine, live);
  if (!filled) return failure(filled.error());
  return answer_of("kernel" + tag_note(subject, **engine), **engine,
                   packet.frame, subject.ifindex(packet.interface));
}

Result<void> ask_engines(const Subject& subject, const LiveSets& live,
                         const PacketInput& packet, Explanation& explanation) {
  const auto native = make_native_engine(subject.image);
  auto filled = fill(*native, live);
  if (!filled) return filled;
  auto image = answer_of("image", *native, packet.frame,
                         subject.ifindex(packet.interface));
  if (!image) return failure(image.error());
  explanation.answers.push_back(std::move(*image));
  auto kernel = kernel_answer(subject, live, packet);
  if (!kernel) return failure(kernel.error());
  explanation.answers.push_back(std::move(*kernel));
  return {};
}

std::string in_words(const Subject& subject, const Explanation& explanation,
                     std::size_t shown) {
  const std::string title =
      subject.is_running
          ? fmt::format("asked: a copy of {}, its limits full; nothing is "
                        "counted\n",
                        subject.title)
          : std::string();
  return fmt::format(
      "{}\n{}{}verdict: {}\n{}{}", frame_text(explanation.packet),
      fields_text(explanation.packet),
      tried_text(subject.policy, explanation, shown),
      outcome_text(subject.policy, first_given(explanation.answers)), title,
      answers_text(subject.policy, explanation));
}

Json as_json(const Subject& subject, const Explanation& explanation,
             std::size_t shown) {
  Json json = to_json(subject.policy, explanation, shown);
  if (subject.is_running) json["running"] = subject.title;
  return json;
}

// Of an instance on one interface that is where packets come in.
void choose_interface(const Subject& subject, PacketInput& packet) {
  if (packet.interface.empty() && subject.interfaces.size() == 1) {
    packet.interface = subject.interfaces.front();
  }
}

// What dynamic sets hold; those of a policy that does not run are empty.
Result<LiveSets> sets_of(const Subject& subject, const PacketInput& packet) {
  if (!subject.is_running) return LiveSets{};
  return live_sets(subject.policy.name, subject.image,
                   dissect(packet.frame, packet.interface));
}

int explain_by(const Subject& subject, const PacketInput& packet,
               const ExplainOptions& options) {
  const auto live = sets_of(subject, packet);
  if (!live) return refuse(live.error());
  FilterState state = state_of(subject.policy, *live);
  Explanation explanation =
      subject.why_no_policy.empty()
          ? explain(subject.policy, packet.frame, packet.interface, &state)
          : unexplained(packet.frame, packet.interface, subject.why_no_policy);
  auto asked = ask_engines(subject, *live, packet, explanation);
  if (!asked) return refuse(asked.error());
  const std::string text = in_words(subject, explanation, options.shown());
  if (options.json) {
    write_json(as_json(subject, explanation, options.shown()));
  } else {
    write_out(text);
  }
  if (agree(explanation.answers)) return kDone;
  return report_disagreement(subject.policy, subject.image, explanation, text);
}

int explain_packet(ExplainOptions options) {
  if (!options.running.empty()) {
    if (!options.packet.text.empty()) {
      return misuse("explain", "POLICY or --running, not both");
    }
    std::swap(options.policy, options.packet.text);  // PACKET comes first
  } else if (options.policy.empty()) {
    return misuse("explain", "name a POLICY, or --running NAME");
  }
  auto packet = read_packet_or_say("explain", options.packet);
  if (!packet) return packet.error();
  const auto subject = options.running.empty()
                           ? policy_subject_or_say(options.policy)
                           : running_subject_or_say(options.running);
  if (!subject) return subject.error();
  choose_interface(*subject, *packet);
  return explain_by(*subject, *packet, options);
}

void add_options(CLI::App& command, ExplainOptions& options) {
  command.add_option("POLICY", options.policy,
                     "policy file; - for stdin; none with --running");
  command.add_option("PACKET", options.packet.text,
                     "the packet in words, as docs/packets.md has them");
  command
      .add_option("--running", options.running,
                  "instead of POLICY: ask the running instance NAME")
      ->type_name("NAME");
  add_packet_options(command, options.packet);
  command
      .add_option("--near", options.near,
                  "show N rules that came closest; default 20")
      ->type_name("N")
      ->check(CLI::Range(0, INT_MAX));
  command.add_flag("--all", options.all, "show all rules that were tried");
  command.add_flag("--json", options.json, "one JSON object");
}

}  // namespace

void add_explain(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand(
      "explain", "What becomes of one packet, field by field, rule by rule");
  command->footer(
      "Asks the policy itself, its compiled image and, as root, the XDP "
      "program in the\nkernel. Where they disagree, that is a bug: a report "
      "to send in is written.\n\nExample: xdpgate explain "
      "rules/host-protection.yaml \\\n  \"tcp 192.0.2.1:1000 > "
      "198.51.100.1:22 syn\"\n\nWith --running the image in force is read "
      "back from the kernel and judged by, in a\nprogram of its own: the "
      "running one counts nothing and does not notice.");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = explain_packet(*options); });
}

}  // namespace xdpgate
