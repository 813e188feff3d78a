// SPDX-License-Identifier: GPL-2.0-only
// The timing of bench/peers/run:
//
//   xg_peers alone SPEC [--rounds N]    programs by BPF_PROG_TEST_RUN
//   xg_peers live SPEC [--rounds N]     receivers behind veths
//
// SPEC is JSON that `run` writes; results are printed as a JSON array.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "bench/peers/spec.h"

int main(int argc, char** argv) {
  using namespace xdpgate;
  CLI::App app("Filters beside their floor");
  std::string path;
  unsigned rounds = 25;
  auto* alone = app.add_subcommand("alone", "by BPF_PROG_TEST_RUN");
  auto* live = app.add_subcommand("live", "by live frames over veth");
  for (CLI::App* command : {alone, live}) {
    command->add_option("spec", path, "what to time, JSON")->required();
    command->add_option("--rounds", rounds, "25 unless told");
  }
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  const auto spec = peers::read_spec(path);
  if (!spec) {
    fmt::print(stderr, "xg_peers: {}\n", spec.error().line());
    return 2;
  }
  return *alone ? peers::run_alone(*spec, rounds)
                : peers::run_live(*spec, rounds);
}
