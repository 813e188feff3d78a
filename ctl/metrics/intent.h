// SPDX-License-Identifier: GPL-2.0-only
// What policy files ask for, to hold what runs against.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xdpgate {

/// One policy file's intention.
struct Intent {
  std::string filter;  ///< the policy's name; a broken file's, as last known
  std::optional<std::string> digest;  ///< none: it cannot be applied
  std::vector<std::string> interfaces;
};

/// Called at each scrape, from a thread of the server, never twice at once.
using Intents = std::function<std::vector<Intent>()>;

}  // namespace xdpgate
