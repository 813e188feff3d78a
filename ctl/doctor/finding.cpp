// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/finding.h"

namespace xdpgate {

const char* level_name(Level level) {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kNote:
      return "note";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "?";
}

}  // namespace xdpgate
