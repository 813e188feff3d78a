// SPDX-License-Identifier: GPL-2.0-only
// Words for standard error.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace xdpgate {

/// Formats as fmt::print() does, to standard error. That nobody can read it is
/// no reason to end: what cannot be written is lost.
template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace xdpgate
