// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/say.h"

namespace xdpgate {

int refuse(const Error& error) {
  say("xdpgate: {}\n", error.line());
  return kSystem;
}

int misuse(std::string_view command, std::string_view message) {
  say("xdpgate {}: {}; see `xdpgate {} --help`\n", command, message, command);
  return kUsage;
}

void write_out(std::string_view text) {
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0;
  if (written) return;
  if (errno == EPIPE) std::_Exit(kDone);
  std::_Exit(refuse(system_error("write", "standard output", errno)));
}

}  // namespace xdpgate
