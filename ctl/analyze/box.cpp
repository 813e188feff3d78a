// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/box.h"

#include <utility>

namespace xdpgate {
namespace {

// The same as meet() and covers(), at once where both are one interval.
bool quickly_meet(const Values& a, const Values& b, Budget& budget) {
  const auto* x = one_interval(a);
  const auto* y = one_interval(b);
  if (x && y) return x->lo <= y->hi && y->lo <= x->hi;
  return meet(a, b, budget);
}
bool quickly_covers(const Values& a, const Values& b, Budget& budget) {
  const auto* x = one_interval(a);
  const auto* y = one_interval(b);
  if (x && y) return x->lo <= y->lo && y->hi <= x->hi;
  return covers(a, b, budget);
}

}  // namespace

bool meet(const FieldBox& a, const FieldBox& b, Budget& budget) {
  budget.spend();
  return for_all(a.asked & b.asked, [&](SpaceField field) {
    return a.values[field] == b.values[field] ||
           quickly_meet(*a.values[field], *b.values[field], budget);
  });
}

std::uint32_t uncovered_fields(const FieldBox& a, const FieldBox& b,
                               Budget& budget) {
  std::uint32_t open = 0;
  for_all(a.asked, [&](SpaceField field) {
    const Values& other = b.of(field);
    const bool same = a.values[field] == &other;
    if (!same && !quickly_covers(*a.values[field], other, budget))
      open |= 1u << field;
    return true;
  });
  return open;
}

FieldBox common(const FieldBox& a, const FieldBox& b, ValueStore& store,
                Budget& budget) {
  FieldBox result = a;
  for_all(b.asked, [&](SpaceField field) {
    if (!a.asks(field)) {
      result.set(field, b.values[field]);
    } else if (a.values[field] != b.values[field]) {
      store.push_back(intersected(*a.values[field], *b.values[field], budget));
      result.set(field, &store.back());
    }
    return true;
  });
  return result;
}

}  // namespace xdpgate
