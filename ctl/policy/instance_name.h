// SPDX-License-Identifier: GPL-2.0-only
// What a filter may be called: a policy's `name`, and a directory of its pins.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace xdpgate {

inline constexpr std::size_t kMaxInstanceName = 63;

/// 1 to 63 letters, digits and `_.-`, not starting with a dot.
[[nodiscard]] inline bool is_instance_name(std::string_view name) {
  return is_word(name, "_.-", kMaxInstanceName) && name[0] != '.';
}

}  // namespace xdpgate
