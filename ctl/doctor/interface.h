// SPDX-License-Identifier: GPL-2.0-only
// How an interface suits the filter: facts, and the findings that they come
// to, as for the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/carrier.h"
#include "bpf/ethtool.h"
#include "bpf/link_info.h"
#include "bpf/native_try.h"
#include "bpf/send_ability.h"
#include "doctor/finding.h"
#include "policy/policy.h"

namespace xdpgate {

struct InterfaceFacts {
  LinkInfo link;
  Driver driver;
  Offloads offloads;
  std::optional<Channels> channels;
  /// A veth's other end, where it is in this network namespace.
  struct Peer {
    std::string name;
    Offloads offloads;
    std::optional<Channels> channels;
  };
  std::optional<Peer> peer;
  std::uint32_t cpus = 1;
  /// kXdp... bits; nothing: the kernel does not tell.
  std::optional<std::uint64_t> features;
  SendAbility sends = SendAbility::kUnknown;
  Result<Carrier> carrier;
  /// The programs behind libxdp's dispatcher; nothing: it carries none.
  std::optional<std::vector<std::string>> dispatched;
  /// errno of native mode's refusal when our filter was attached; 0: none.
  int refused = 0;
  /// What came of trying native mode; nothing: it was not tried.
  std::optional<Result<NativeTry>> attempt;
};

struct InterfaceRequest {
  /// With which mode `apply` is to succeed.
  Mode mode = Mode::kAuto;
  /// Whether to attach a program to interfaces that carry none.
  bool try_native = false;
};

/// Asks an interface of this network namespace; `state` is the directory of
/// the instances, or empty. Nothing where there is no such interface.
[[nodiscard]] std::optional<InterfaceFacts> look_at_interface(
    const std::string& name, const std::string& state,
    const InterfaceRequest& request);

[[nodiscard]] Findings findings_of(const InterfaceFacts& facts, Mode mode);

}  // namespace xdpgate
