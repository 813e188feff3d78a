// SPDX-License-Identifier: GPL-2.0-only
// Short words for what system tests say to a running filter.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bpf/instance.h"
#include "compile/image.h"

namespace xdpgate::test {

/// "edge-PID": one instance name a test process.
[[nodiscard]] std::string instance_name();

/// A policy of that name on v1, which passes what no rule decides, with
/// `rules` (YAML flow maps, one each) in its list.
[[nodiscard]] std::string policy_text(const std::vector<std::string>& rules);
/// "{name: NAME, match: {protocol: udp, dst_port: PORT}, action: ACTION}".
[[nodiscard]] std::string port_rule(const std::string& name, int port,
                                    const std::string& action);

/// The policy's image with the interfaces of this namespace; throws where
/// there is an error.
[[nodiscard]] Image image_of(const std::string& text);
/// Puts an image in force on v1; a failure is the test's. The generation.
std::uint64_t put_on_v1(const Image& image);

/// What the instance has counted.
struct Counts {
  std::map<std::string, xg_counter> rules;
  std::map<std::string, xg_counter> verdicts;
  xg_counter default_action{};
  std::uint64_t generation = 0;

  [[nodiscard]] std::uint64_t packets(const std::string& rule) const;
  [[nodiscard]] std::uint64_t bytes(const std::string& rule) const;
  /// Over all verdicts.
  [[nodiscard]] std::uint64_t judged() const;
};
/// A failure is the test's.
[[nodiscard]] Counts counts();
/// The same, read past whatever a killed tool has left: nothing is cleaned up.
[[nodiscard]] Counts counts_as_they_are();
/// counts(), once `packets` packets were judged; waits for them a moment.
[[nodiscard]] Counts counts_after(std::uint64_t packets);

/// All that the instance has pinned, and what is in force: it differs when
/// anything does.
[[nodiscard]] std::string picture();

}  // namespace xdpgate::test
