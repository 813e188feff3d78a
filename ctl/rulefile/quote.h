// SPDX-License-Identifier: GPL-2.0-only
// Words that go into a policy which is being written.
#pragma once

#include <string>
#include <string_view>

namespace xdpgate {

/// `word`, of any bytes, as a YAML scalar in double quotes that is read as it
/// again; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string yaml_quoted(std::string_view word);

}  // namespace xdpgate
