// SPDX-License-Identifier: GPL-2.0-only
// What xdpgate needs of the host: facts, which are gathered, and the findings
// that they come to, which is a pure function of them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "bpf/bpffs.h"
#include "doctor/finding.h"

namespace xdpgate {

struct HostFacts {
  std::string release;  ///< of the kernel: "6.1.0-13-amd64"
  bool root = false;
  std::string lacks;    ///< permission_hint() of what is missing; may be empty
  bool may_mount = false;
  Result<StatePlace> state;
  /// net.core.bpf_jit_enable; nothing where it does not show, as in network
  /// namespaces.
  std::optional<int> jit_setting;
  /// Whether the kernel compiled our program; nothing: it is not known.
  std::optional<bool> jited;
  /// What came of loading the filter with a policy of its own, as `apply`
  /// does; nothing: it was not tried, for want of rights.
  std::optional<Result<void>> load;
  /// errno of the refusal of what libxdp's dispatcher needs; nothing: likewise.
  std::optional<int> extension_refused;
};

/// Asks the running kernel; files of /proc are looked for below `proc`. Changes
/// nothing: what is loaded is gone when this returns.
[[nodiscard]] HostFacts look_at_host(const std::string& proc = "/proc");

[[nodiscard]] Findings findings_of(const HostFacts& facts);

}  // namespace xdpgate
