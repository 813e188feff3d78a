// SPDX-License-Identifier: GPL-2.0-only
// xdpgate explain: one packet, field by field and rule by rule.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "bpf/kernel_engine.h"
#include "cli/command.h"
#include "cli/explain_json.h"
#include "cli/explain_report.h"
#include "cli/load_image.h"
#include "cli/packet_input.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "explain/explanation.h"

namespace xdpgate {
namespace {

constexpr std::size_t kAllRules = static_cast<std::size_t>(-1);

struct ExplainOptions {
  std::string policy;
  PacketOptions packet;
  std::size_t near = 20;
  bool all = false;
  bool json = false;

  [[nodiscard]] std::size_t shown() const { return all ? kAllRules : near; }
};

// The kernel's answer, or why it was not asked.
Result<Answer> kernel_answer(const Image& image, const PacketInput& packet,
                             std::uint32_t ifindex) {
  if (!kernel_takes(packet.frame)) {
    return Answer{"kernel", std::nullopt,
                  fmt::format("a test run takes no frame of {} bytes",
                              packet.frame.size())};
  }
  auto engine = make_kernel_engine(image);
  if (!engine) return Answer{"kernel", std::nullopt, engine.error().line()};
  return answer_of("kernel", **engine, packet.frame, ifindex);
}

Result<void> ask_engines(const Compiled& compiled, const PacketInput& packet,
                         Explanation& explanation) {
  const auto ifindex = pseudo_ifindex(compiled.policy, packet.interface);
  const auto native = make_native_engine(compiled.image);
  auto image = answer_of("image", *native, packet.frame, ifindex);
  if (!image) return failure(image.error());
  explanation.answers.push_back(std::move(*image));
  auto kernel = kernel_answer(compiled.image, packet, ifindex);
  if (!kernel) return failure(kernel.error());
  explanation.answers.push_back(std::move(*kernel));
  return {};
}

std::string in_words(const Policy& policy, const Explanation& explanation,
                     std::size_t shown) {
  const Evaluation& meant = *explanation.answers.front().says;
  return fmt::format("{}\n{}{}verdict: {}\n{}", frame_text(explanation.packet),
                     fields_text(explanation.packet),
                     tried_text(policy, explanation, shown),
                     outcome_text(policy, meant),
                     answers_text(policy, explanation));
}

int explain_packet(const ExplainOptions& options) {
  auto packet = read_packet_or_say("explain", options.packet);
  if (!packet) return packet.error();
  auto compiled = load_image_or_say(options.policy, pseudo_ifindex);
  if (!compiled) return compiled.error();
  Explanation explanation =
      explain(compiled->policy, packet->frame, packet->interface);
  auto asked = ask_engines(*compiled, *packet, explanation);
  if (!asked) return refuse(asked.error());
  const std::string text =
      in_words(compiled->policy, explanation, options.shown());
  if (options.json) {
    write_json(to_json(compiled->policy, explanation, options.shown()));
  } else {
    write_out(text);
  }
  if (agree(explanation.answers)) return kDone;
  return report_disagreement(*compiled, explanation, text);
}

void add_options(CLI::App& command, ExplainOptions& options) {
  command.add_option("POLICY", options.policy, "policy file; - for stdin")
      ->required();
  command.add_option("PACKET", options.packet.text,
                     "the packet in words, as docs/packets.md has them");
  add_packet_options(command, options.packet);
  command
      .add_option("--near", options.near,
                  "show N rules that came closest; default 20")
      ->type_name("N");
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
      "198.51.100.1:22 syn\"");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = explain_packet(*options); });
}

}  // namespace xdpgate
