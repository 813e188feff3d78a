// SPDX-License-Identifier: GPL-2.0-only
// xdpgate completion: scripts for shells.
#include "cli/completion.h"

#include <memory>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/usage.h"

namespace xdpgate {
namespace {

struct CompletionOptions {
  std::string shell;
  bool json = false;
};

std::string script_for(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash_completion(app);
  return shell == "zsh" ? zsh_completion(app) : fish_completion(app);
}

}  // namespace

void add_completion(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<CompletionOptions>();
  CLI::App* command = app.add_subcommand(
      "completion", "Print a completion script for bash, zsh or fish");
  command->footer(
      "`cmake --install` puts the scripts where the shells look for them.\n\n"
      "Example: source <(xdpgate completion bash)");
  command->add_option("SHELL", options->shell, "bash, zsh or fish")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}));
  command->add_flag("--json", options->json, "one JSON object: script");
  command->callback([options, &app, &outcome] {
    const std::string script = script_for(app, options->shell);
    if (options->json) {
      write_json({{"script", script}});
    } else {
      write_out(script);
    }
    outcome.exit_code = kDone;
  });
}

}  // namespace xdpgate
