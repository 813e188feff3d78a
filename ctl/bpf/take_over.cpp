// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/take_over.h"

#include "bpf/entry.h"
#include "bpf/totals.h"

namespace xdpgate {
namespace {

Result<void> take_over_sets(const Generation& old, const Generation& next) {
  auto from = old.sets();
  if (!from) return std::unexpected(from.error());
  auto to = next.sets();
  if (!to) return std::unexpected(to.error());
  return carry_late_elements(*from, *to);
}

Result<void> hand_back_sets(const Generation& later, const Generation& again) {
  auto from = later.sets();
  if (!from) return std::unexpected(from.error());
  auto to = again.sets();
  if (!to) return std::unexpected(to.error());
  return return_sets(*from, *to);
}

Result<void> hand_back_limits(const Generation& later,
                              const Generation& again) {
  auto from = later.limits();
  if (!from) return std::unexpected(from.error());
  auto to = again.limits();
  if (!to) return std::unexpected(to.error());
  return raise_limits({later.image(), *from}, {again.image(), *to});
}

}  // namespace

Result<void> take_over(const Generation& old, Generation& next) {
  auto done = wait_for_packets();
  if (done) done = take_over_sets(old, next);
  return done ? fold(old, next) : done;
}

Result<void> hand_back(const Generation& later, Generation& again) {
  auto done = wait_for_packets();
  if (done) done = hand_back_sets(later, again);
  if (done) done = hand_back_limits(later, again);
  return done ? give_back(later, again) : done;
}

}  // namespace xdpgate
