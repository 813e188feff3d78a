// SPDX-License-Identifier: GPL-2.0-only
#include "base/result.h"

#include <cstring>

namespace xdpgate {

std::string Error::line() const {
  std::string text = operation;
  if (!object.empty()) text += " " + object;
  if (!cause.empty()) text += ": " + cause;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

Error system_error(std::string operation, std::string object, int errno_value,
                   std::string hint) {
  return Error{std::move(operation), std::move(object),
               std::strerror(errno_value), std::move(hint)};
}

}  // namespace xdpgate
