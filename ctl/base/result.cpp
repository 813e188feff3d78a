// SPDX-License-Identifier: GPL-2.0-only
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace xdpgate {

std::string Error::line() const {
  std::string text = operation;
  if (!object.empty()) text += " " + object;
  if (!cause.empty()) text += ": " + cause;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

namespace {

// What helps wherever it happens.
const char* remedy(int errno_value) {
  switch (errno_value) {
    case ENOMEM:
      return "free memory, or raise the limit (`ulimit`, a cgroup's)";
    case ENOSPC:
    case EDQUOT:
      return "make room there";
    case EROFS:
      return "choose a place that can be written";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files";
    default:
      return "";
  }
}

}  // namespace

Error system_error(std::string operation, std::string object, int errno_value,
                   std::string hint) {
  return Error{std::move(operation), std::move(object),
               std::strerror(errno_value),
               hint.empty() ? remedy(errno_value) : std::move(hint)};
}

}  // namespace xdpgate
