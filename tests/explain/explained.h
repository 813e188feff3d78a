// SPDX-License-Identifier: GPL-2.0-only
// A policy and a packet, both as text. For this folder.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "explain/explanation.h"
#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "policy/load.h"

namespace xdpgate::test {

/// The policy of `text`; throws where it has errors.
inline Policy policy_of(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "p.yaml", diagnostics);
  if (policy) return std::move(*policy);
  throw std::runtime_error(diagnostics.sorted().at(0).text());
}

/// A policy of these rules (flow maps).
inline Policy policy_of_rules(const std::vector<std::string>& rules) {
  std::string text = "version: 1\nrules:\n";
  for (const std::string& rule : rules) text += "  - " + rule + "\n";
  return policy_of(text);
}

/// The frame of a packet in words; throws where they make none.
inline std::vector<std::uint8_t> frame_of(const std::string& words) {
  const auto spec = parse_packet_text(words);
  if (!spec) throw std::runtime_error(spec.error().message);
  return build_frame(*spec);
}

}  // namespace xdpgate::test
