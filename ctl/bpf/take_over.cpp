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

// What keys owe to the limits of the one that judged until now.
Result<void> pass_on_limits(const Generation& before, const Generation& now) {
  auto from = before.limits();
  if (!from) return std::unexpected(from.error());
  auto to = now.limits();
  if (!to) return std::unexpected(to.error());
  return raise_limits({before.image(), *from}, {now.image(), *to});
}

}  // namespace

Result<void> take_over(const Generation& old, Generation& next) {
  auto done = wait_for_packets();
  if (done) done = take_over_sets(old, next);
  if (done) done = pass_on_limits(old, next);
  return done ? fold(old, next) : done;
}

Result<void> hand_back(const Generation& later, Generation& again) {
  auto done = wait_for_packets();
  if (done) done = hand_back_sets(later, again);
  if (done) done = pass_on_limits(later, again);
  return done ? give_back(later, again) : done;
}

}  // namespace xdpgate
