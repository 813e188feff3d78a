// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/quote.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

namespace xdpgate {

std::string yaml_quoted(std::string_view word) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << std::string(word);
  return out.c_str();
}

}  // namespace xdpgate
