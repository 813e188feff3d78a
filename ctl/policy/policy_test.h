// SPDX-License-Identifier: GPL-2.0-only
// An entry of a policy's `tests`: packets, and what is to become of them.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"

namespace xdpgate {

/// What a dynamic set holds when a test begins, for the set's `timeout`.
struct TestElement {
  std::uint32_t set = 0;  ///< index of Policy::address_sets
  std::string text;       ///< a host, a prefix or a range; sound
};

/// One test. Either `packet` or `pcap` is not empty.
struct PolicyTest {
  Position at;            ///< of the entry
  Position subject_at;    ///< of the packet or the capture's path
  std::string name;       ///< for people; may be empty
  std::string packet;     ///< in words, not yet read
  std::string pcap;       ///< path, relative to the policy's folder
  std::string interface;  ///< that frames of `pcap` come in by
  std::uint32_t repeat = 1;  ///< how often `packet` comes, at least 1
  std::uint64_t every_ns = 0;  ///< from one of them to the next
  std::vector<TestElement> elements;
  /// What becomes of every packet, where one verdict is expected.
  std::optional<xg_verdict> verdict;
  /// How many packets meet each of these verdicts, where counts are.
  std::map<xg_verdict, std::uint32_t> verdicts;
  /// The rule that decides every packet; "": none does.
  std::optional<std::string> rule;
  /// How many packets each of these rules counts, deciding or not.
  std::map<std::string, std::uint32_t> rules;
};

}  // namespace xdpgate
