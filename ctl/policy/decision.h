// SPDX-License-Identifier: GPL-2.0-only
// What became of one packet. The evaluator, the native engine and the kernel
// engine all answer with this, so that they can be compared.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace xdpgate {

/// The fate of one packet under one policy.
struct Decision {
  xg_verdict verdict = XG_PASS;
  xg_class packet_class = XG_CLASS_OK;
  /// Index in Policy::rules of the rule that decided; none where the default
  /// or the packet's class did.
  std::optional<std::uint32_t> rule;
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// "ok", "ipv4-length", ...: the word for a class in JSON and in counters.
[[nodiscard]] const char* class_name(xg_class packet_class);
/// "pass", "drop", "reject", "redirect".
[[nodiscard]] const char* verdict_name(xg_verdict verdict);

}  // namespace xdpgate
