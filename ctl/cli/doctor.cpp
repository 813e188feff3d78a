// SPDX-License-Identifier: GPL-2.0-only
// xdpgate doctor: what stops the filter on this host, or slows it down.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "doctor/examine.h"

namespace xdpgate {
namespace {

struct DoctorOptions {
  ExamineRequest request;
  std::string mode = "auto";
  bool json = false;
};

Json to_json(const Finding& finding) {
  return {{"subject", finding.subject}, {"check", finding.check},
          {"level", level_name(finding.level)}, {"text", finding.text},
          {"cause", finding.cause}, {"fix", finding.fix}};
}

const char* colour_of(Level level) {
  switch (level) {
    case Level::kError:
      return "\033[31m";
    case Level::kWarning:
      return "\033[33m";
    case Level::kNote:
      return "\033[36m";
    case Level::kOk:
      break;
  }
  return "\033[32m";
}

constexpr std::size_t kIndent = 11;  // of what stands below a finding

std::string text_of(const Finding& finding, bool coloured) {
  const std::string level =
      fmt::format("{:<{}}", level_name(finding.level), kIndent - 3);
  std::string text = fmt::format(
      "  {} {}: {}\n",
      coloured ? colour_of(finding.level) + level + "\033[0m" : level,
      finding.check, finding.text);
  for (const auto& [label, line] :
       {std::pair{"cause", finding.cause}, {"fix", finding.fix}}) {
    if (!line.empty()) {
      text += fmt::format("{:{}}{}: {}\n", "", kIndent, label, line);
    }
  }
  return text;
}

std::string report(const Findings& findings, bool coloured) {
  std::string text, subject;
  for (const Finding& finding : findings) {
    if (finding.subject != subject) text += finding.subject + "\n";
    subject = finding.subject;
    text += text_of(finding, coloured);
  }
  return text;
}

std::string verdict(std::ptrdiff_t errors) {
  if (errors == 0) return "nothing stops xdpgate here\n";
  return fmt::format("{} {} xdpgate here\n", errors,
                     errors == 1 ? "finding stops" : "findings stop");
}

int doctor(const DoctorOptions& options) {
  const Findings findings = examine(options.request);
  const auto errors =
      std::ranges::count(findings, Level::kError, &Finding::level);
  if (options.json) {
    Json list = Json::array();
    for (const Finding& finding : findings) list.push_back(to_json(finding));
    write_json({{"findings", list}, {"errors", errors}});
  } else {
    write_out(report(findings, has_colour(stdout)) + verdict(errors));
  }
  return errors == 0 ? kDone : kSystem;
}

const std::map<std::string, Mode>& modes() {
  static const std::map<std::string, Mode> kModes = {
      {"auto", Mode::kAuto},
      {"native", Mode::kNative},
      {"generic", Mode::kGeneric}};
  return kModes;
}

}  // namespace

void add_doctor(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand(
      "doctor", "What stops the filter on this host, or slows it down");
  command->footer(
      "Looks at the kernel, rights, BPF file system, JIT and dispatcher, and "
      "at\nIF, or at every interface that is up or that an instance uses: "
      "driver, mode,\nqueues, LRO, MTU, VLAN offload and other XDP programs. "
      "Each finding that is\nnot ok comes with its cause and, as `fix`, a "
      "command to copy.\n\nExit code: 0 where nothing stops xdpgate; 3 where "
      "an error would make `apply`\nfail. Warnings and notes do not count.\n\n"
      "Example: xdpgate doctor eth0 --mode native");
  command->add_option("IF", options->request.interfaces,
                      "these interfaces only");
  command
      ->add_option("--mode", options->mode,
                   "what `apply` is to get: auto, native or generic")
      ->type_name("MODE")
      ->check(one_of({"auto", "native", "generic"}));
  command->add_flag("--try", options->request.how.try_native,
                    "attach a program that passes everything, in native mode, "
                    "and take it off: the driver may reset the card");
  command->add_flag("--json", options->json, "one JSON object");
  command->callback([options, &outcome] {
    options->request.how.mode = modes().at(options->mode);
    outcome.exit_code = doctor(*options);
  });
}

}  // namespace xdpgate
