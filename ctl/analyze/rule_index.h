// SPDX-License-Identifier: GPL-2.0-only
// The boxes of all rules of a policy, by kind and in the order of the rules.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "analyze/cover.h"
#include "analyze/rule_boxes.h"

namespace xdpgate {

/// Bounds of a box in the fields that tell most rules apart, by the upper bits
/// where a field has more than 32: what looks through all rules wants to read
/// little.
struct Outline {
  static constexpr std::array kOutlined = {kSrc, kDst, kProtocol, kSrcPort,
                                           kDstPort};
  std::array<std::uint32_t, kOutlined.size()> lo, hi;

  [[nodiscard]] bool meets(const Outline& other) const {
    bool result = true;
    for (std::size_t i = 0; i < lo.size(); ++i) {
      result = result && lo[i] <= other.hi[i] && other.lo[i] <= hi[i];
    }
    return result;
  }
};

class RuleIndex {
 public:
  /// Both must outlive it.
  RuleIndex(const Policy& policy, Space& space);
  RuleIndex(const RuleIndex&) = delete;
  RuleIndex& operator=(const RuleIndex&) = delete;

  /// The boxes of a rule.
  [[nodiscard]] std::span<const RuleBox> boxes(std::uint32_t rule) const;
  /// Those of deciding rules before number `before` that meet `box`, in order.
  [[nodiscard]] RuleBoxes meeting(const FieldBox& box, std::uint32_t before,
                                  Budget& budget) const;
  [[nodiscard]] BoxMaker& maker() { return maker_; }

 private:
  struct KindIndex {  ///< deciding rules only
    std::vector<Outline> outlines;
    RuleBoxes boxes;
  };

  BoxMaker maker_;
  const Kind* first_kind_;
  std::vector<std::size_t> starts_;  ///< of each rule in boxes_, and the end
  std::vector<RuleBox> boxes_;
  std::vector<KindIndex> deciding_;  ///< by kind
};

}  // namespace xdpgate
