// SPDX-License-Identifier: GPL-2.0-only
// xdpgate COMMAND: registers the commands, parses, runs one.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>

#include "cli/command.h"
#include "cli/usage.h"

namespace xdpgate {
namespace {

constexpr const char* kDescription =
    "A packet filter at the XDP hook: a YAML policy, compiled into BPF maps.";
constexpr const char* kFooter =
    "`xdpgate COMMAND --help` explains a command.\n"
    "Exit codes: 0 done; 1 the policy or a test was rejected; 2 wrong usage; "
    "3 the system\nrefused.";

// A file that is opened later must not take the place of a standard stream that
// was closed. What is to be printed is then refused, as on a full disk.
void fill_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int access = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (::open("/dev/null", access) < 0) std::_Exit(kSystem);
  }
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "xdpgate");
  app.footer(kFooter);
  app.set_version_flag("--version", "xdpgate " XDPGATE_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  Outcome outcome;
  for (auto add :
       {add_check,   add_apply,  add_confirm,    add_rollback, add_detach,
        add_status,  add_stats,  add_show,       add_set,      add_capture,
        add_daemon,  add_export, add_explain,    add_test,     add_replay,
        add_suggest, add_schema, add_completion, add_bench,    add_diff,
        add_import,  add_doctor, add_top}) {
    add(app, outcome);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain_usage(app, error);
  }
  return outcome.exit_code;
}

}  // namespace
}  // namespace xdpgate

int main(int argc, char** argv) {
  xdpgate::fill_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return xdpgate::run(argc, argv);
  } catch (const std::bad_alloc&) {
    return xdpgate::refuse({"run", "", "out of memory", ""});
  } catch (const std::exception& error) {
    return xdpgate::refuse({"run", "", error.what(), "this is a bug"});
  }
}
