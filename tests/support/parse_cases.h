// SPDX-License-Identifier: GPL-2.0-only
// What docs/architecture.md, "How a packet is read", asks for, as a table:
// every class, every header, every boundary. The native reader and the
// kernel's are both held against it.
#pragma once

#include <string>
#include <vector>

#include "tests/support/frame_bytes.h"

namespace xdpgate::test {

struct ParseCase {
  std::string name;
  Bytes frame;
  std::string expect;  ///< key_text() of what a reader should find
};

[[nodiscard]] std::vector<ParseCase> link_cases();
[[nodiscard]] std::vector<ParseCase> ipv4_cases();
[[nodiscard]] std::vector<ParseCase> ipv6_cases();
[[nodiscard]] std::vector<ParseCase> extension_cases();
[[nodiscard]] std::vector<ParseCase> upper_cases();
/// All of them.
[[nodiscard]] std::vector<ParseCase> parse_cases();

}  // namespace xdpgate::test
