// SPDX-License-Identifier: GPL-2.0-only
// What the commands have in common: how they are registered, how they end and
// where they write. Every command is one file with one add_NAME() function.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xdpgate {

/// How a process ends (contract, section 3).
enum ExitCode : int {
  kDone = 0,
  kRejected = 1,  ///< the policy, or a test
  kUsage = 2,
  kSystem = 3,  ///< the system refused
};

/// Set by the command that ran; what main() returns.
struct Outcome {
  int exit_code = kDone;
};

/// Each adds its subcommand to `app`; its callback sets `outcome`.
void add_check(CLI::App& app, Outcome& outcome);
void add_apply(CLI::App& app, Outcome& outcome);
void add_confirm(CLI::App& app, Outcome& outcome);
void add_rollback(CLI::App& app, Outcome& outcome);
void add_detach(CLI::App& app, Outcome& outcome);
void add_status(CLI::App& app, Outcome& outcome);
void add_stats(CLI::App& app, Outcome& outcome);
void add_show(CLI::App& app, Outcome& outcome);
void add_set(CLI::App& app, Outcome& outcome);
void add_test(CLI::App& app, Outcome& outcome);
void add_explain(CLI::App& app, Outcome& outcome);
void add_suggest(CLI::App& app, Outcome& outcome);
void add_capture(CLI::App& app, Outcome& outcome);
void add_daemon(CLI::App& app, Outcome& outcome);
void add_export(CLI::App& app, Outcome& outcome);
void add_replay(CLI::App& app, Outcome& outcome);
void add_schema(CLI::App& app, Outcome& outcome);
void add_completion(CLI::App& app, Outcome& outcome);
void add_bench(CLI::App& app, Outcome& outcome);
void add_diff(CLI::App& app, Outcome& outcome);
void add_import(CLI::App& app, Outcome& outcome);
void add_doctor(CLI::App& app, Outcome& outcome);
void add_top(CLI::App& app, Outcome& outcome);

/// Prints "xdpgate: LINE" of the error; returns kSystem.
int refuse(const Error& error);
/// Prints "xdpgate: MESSAGE" and where to find help; returns kUsage.
int misuse(std::string_view command, std::string_view message);
/// Text as it comes, flushed. A reader that has gone away ends the process
/// quietly, a full disk with kSystem.
void write_out(std::string_view text);

}  // namespace xdpgate
