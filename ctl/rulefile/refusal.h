// SPDX-License-Identifier: GPL-2.0-only
// Why a file is not read, and where: thrown through the YAML library by what
// it calls, caught at the one place that calls the library. For this folder.
#pragma once

#include <string>

#include "base/diagnostics.h"

namespace xdpgate {

struct Refusal {
  Position at;
  std::string message;
  std::string hint;
};

}  // namespace xdpgate
