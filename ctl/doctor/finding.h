// SPDX-License-Identifier: GPL-2.0-only
// What doctor says of one matter: how it stands, why, and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xdpgate {

enum class Level : std::uint8_t {
  kOk,
  kNote,     ///< worth knowing; it may matter to some policies
  kWarning,  ///< the filter runs, but with less than it could have
  kError,    ///< `apply` would fail
};

/// "ok", "note", "warning", "error".
[[nodiscard]] const char* level_name(Level level);

struct Finding {
  std::string subject;  ///< "host", or an interface
  std::string check;    ///< "kernel", "mtu", ...: one word
  Level level = Level::kOk;
  std::string text;     ///< how it stands
  std::string cause;    ///< why that matters, or came about; empty where ok
  std::string fix;      ///< a command to copy; empty where there is none
};
using Findings = std::vector<Finding>;

}  // namespace xdpgate
