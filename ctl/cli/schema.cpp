// SPDX-License-Identifier: GPL-2.0-only
// xdpgate schema: the policy language for editors.
#include "schema/policy_schema.h"

#include <memory>

#include "cli/command.h"

namespace xdpgate {

void add_schema(CLI::App& app, Outcome& outcome) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "schema", "Print a JSON Schema of the policy language, for editors");
  command->footer(
      "In an editor with the YAML language server, name the file in the "
      "policy's first line:\n\n    # yaml-language-server: "
      "$schema=xdpgate.schema.json\n\nExample: xdpgate schema > "
      "xdpgate.schema.json");
  command->add_flag("--json", *as_json, "on one line");
  command->callback([as_json, &outcome] {
    write_out(policy_schema().dump(*as_json ? -1 : 2) + "\n");
    outcome.exit_code = kDone;
  });
}

}  // namespace xdpgate
