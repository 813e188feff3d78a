// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/rule_index.h"

namespace xdpgate {
namespace {

std::uint32_t upper(U128 number, const Kind& kind, SpaceField field) {
  const bool wide =
      kind.family == Family::kIpv6 && (field == kSrc || field == kDst);
  return static_cast<std::uint32_t>(wide ? number >> 96 : number);
}

Outline outline_of(const FieldBox& box) {
  Outline outline;
  for (std::size_t i = 0; i < Outline::kOutlined.size(); ++i) {
    const SpaceField field = Outline::kOutlined[i];
    outline.lo[i] = 0;
    outline.hi[i] = ~std::uint32_t{0};
    if (!box.asks(field)) continue;
    const auto& all = box.values[field]->numbers.intervals();
    outline.lo[i] = upper(all.front().lo, *box.kind, field);
    outline.hi[i] = upper(all.back().hi, *box.kind, field);
  }
  return outline;
}

}  // namespace

RuleIndex::RuleIndex(const Policy& policy, Space& space)
    : maker_(policy, space),
      first_kind_(space.kinds().data()),
      deciding_(space.kinds().size()) {
  starts_.reserve(policy.rules.size() + 1);
  for (std::uint32_t i = 0; i < policy.rules.size(); ++i) {
    starts_.push_back(boxes_.size());
    for (const FieldBox& box : maker_.boxes_of(policy.rules[i].match)) {
      boxes_.push_back({box, i});
    }
  }
  starts_.push_back(boxes_.size());
  for (const RuleBox& box : boxes_) {
    if (!policy.rules[box.rule].always_decides()) continue;
    KindIndex& kind = deciding_[box.box.kind - first_kind_];
    kind.outlines.push_back(outline_of(box.box));
    kind.boxes.push_back(&box);
  }
}

std::span<const RuleBox> RuleIndex::boxes(std::uint32_t rule) const {
  return std::span(boxes_).subspan(starts_[rule],
                                   starts_[rule + 1] - starts_[rule]);
}

RuleBoxes RuleIndex::meeting(const FieldBox& box, std::uint32_t before,
                             Budget& budget) const {
  RuleBoxes result;
  const Outline outline = outline_of(box);
  const KindIndex& kind = deciding_[box.kind - first_kind_];
  budget.spend(1 + kind.boxes.size() / 16);
  for (std::size_t i = 0; i < kind.boxes.size(); ++i) {
    if (!kind.outlines[i].meets(outline)) continue;
    const RuleBox* other = kind.boxes[i];
    if (other->rule >= before) break;
    if (meet(other->box, box, budget)) result.push_back(other);
  }
  return result;
}

}  // namespace xdpgate
