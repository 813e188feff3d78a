// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/cover.h"

#include <bit>

namespace xdpgate {
namespace {

// Of boxes taken off one inside the other; more would be hard on the stack.
constexpr int kMaxDepth = 2000;

}  // namespace

RuleBoxes CoverSearch::meeting(const FieldBox& box, const RuleBoxes& all) {
  RuleBoxes result;
  for (const RuleBox* other : all) {
    if (meet(other->box, box, budget_)) result.push_back(other);
  }
  return result;
}

Covered CoverSearch::covered(const FieldBox& box, const RuleBoxes& covers) {
  return search(box, meeting(box, covers), 0);
}

// All of `covers` meet the box. Splits by the one that leaves out something in
// the fewest fields.
Covered CoverSearch::search(FieldBox box, const RuleBoxes& covers, int depth) {
  if (budget_.over() || depth > kMaxDepth) return Covered::kUnknown;
  if (covers.empty()) {
    return accept_(box) ? Covered::kNo : Covered::kUnknown;
  }
  const RuleBox* best = nullptr;
  std::uint32_t best_fields = ~0u;
  for (const RuleBox* other : covers) {
    if (!budget_.spend()) return Covered::kUnknown;
    const std::uint32_t fields = uncovered_fields(other->box, box, budget_);
    if (std::popcount(fields) >= std::popcount(best_fields)) continue;
    best = other;
    best_fields = fields;
    if (fields == 0) break;
  }
  return split(std::move(box), *best, best_fields, covers, depth);
}

// SpaceField by field: the part outside of `by` must be covered by others.
Covered CoverSearch::split(FieldBox box, const RuleBox& by,
                           std::uint32_t fields, const RuleBoxes& covers,
                           int depth) {
  Covered result = Covered::kYes;
  for_all(fields, [&](SpaceField field) {
    const Values& before = box.of(field);
    const Values& other = *by.box.values[field];
    store_.push_back(without(before, other, budget_));
    FieldBox piece = box;
    piece.set(field, &store_.back());
    const Covered part = search(piece, meeting(piece, covers), depth + 1);
    if (part != Covered::kYes) result = part;
    if (part == Covered::kNo || budget_.over()) return false;
    store_.push_back(intersected(before, other, budget_));
    box.set(field, &store_.back());
    return true;
  });
  if (budget_.over() && result == Covered::kYes) result = Covered::kUnknown;
  if (result == Covered::kYes) used_.insert(by.rule);
  return result;
}

}  // namespace xdpgate
