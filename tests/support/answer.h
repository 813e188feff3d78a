// SPDX-License-Identifier: GPL-2.0-only
// Reads the answer to a rejected packet, and checks all that a receiver would.
#pragma once

#include <string>

#include "tests/support/frame_bytes.h"

namespace xdpgate::test {

/// In words: "tcp 198.51.100.2:22 > 192.0.2.1:1000 rst seq 0 ack 1", or "icmp
/// port-unreachable 198.51.100.2 > 192.0.2.1 quotes 28"; " padded" behind a
/// frame that is longer than its packet; else what is wrong with it: lengths,
/// checksums, a header that an answer does not have.
[[nodiscard]] std::string answer_text(const Bytes& frame);

}  // namespace xdpgate::test
