// SPDX-License-Identifier: GPL-2.0-only
// What random policies and packets have put to the test, and what of that
// which they should.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/evaluate.h"
#include "policy/packet.h"
#include "policy/policy.h"
#include "tests/support/random_policy.h"

namespace xdpgate::test {

class Coverage {
 public:
  /// The policy that the next packets are judged by, which must outlive them,
  /// and what the compiler made of it.
  void start(const RandomPolicy& random, const Policy& policy,
             const xg_header& header);
  /// A packet, and what the evaluator makes of it.
  void note(const Packet& packet, const Evaluation& evaluation);
  /// What should have happened and never did, one line each.
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  // How often a kind of key alone decided that its rule does not match, and
  // that it does.
  using Outcomes = std::array<std::uint64_t, 2>;
  struct Key {
    Match alone, others;  // the rule with this key only, and without it
    std::vector<Outcomes*> kinds;
  };

  Key key_of(const KeyUse& use, const Match& match);
  void note_rule(std::uint32_t rule, const Packet& packet);
  void note_outcome(const Packet& packet, const Evaluation& evaluation);
  void note_frame(const Packet& packet);

  const Policy* policy_ = nullptr;
  std::vector<std::vector<Key>> rules_;
  std::map<std::string, Outcomes> decided_;  // of "dst_port not list", ...
  std::set<std::string> seen_;
};

}  // namespace xdpgate::test
