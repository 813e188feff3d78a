// SPDX-License-Identifier: GPL-2.0-only
// What the packets of one test met, held against what was expected.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "policy/policy.h"

namespace xdpgate {

/// Counts the packets of one test.
class TestTally {
 public:
  /// All must outlive the tally. `before`: the engine's counters at the start.
  TestTally(const Policy& policy, const PolicyTest& test,
            std::vector<xg_counter> before)
      : policy_(policy), test_(test), before_(std::move(before)) {}

  /// Notes what became of a packet. Whether the test expected otherwise of
  /// each packet.
  bool add(const Decision& decision);

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// What did not come true, one sentence each. `after`: the engine's counters
  /// at the end.
  [[nodiscard]] std::vector<std::string> failures(
      const std::vector<xg_counter>& after) const;

 private:
  [[nodiscard]] std::string rule_name(const Decision& decision) const;
  void check_each(std::vector<std::string>& failures) const;
  void check_counts(std::vector<std::string>& failures) const;
  void check_rules(const std::vector<xg_counter>& after,
                   std::vector<std::string>& failures) const;

  const Policy& policy_;
  const PolicyTest& test_;
  std::vector<xg_counter> before_;
  std::uint64_t packets_ = 0;
  std::uint64_t verdicts_[XG_VERDICTS]{};
  std::uint64_t by_other_rules_ = 0;
  std::uint64_t other_verdicts_ = 0;
  Decision first_other_;  ///< the first that was not expected
  bool has_other_ = false;
};

}  // namespace xdpgate
