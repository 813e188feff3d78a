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

}  // namespace

Result<void> take_over(const Generation& old, Generation& next) {
  auto done = wait_for_packets();
  if (done) done = take_over_sets(old, next);
  return done ? fold(old, next) : done;
}

}  // namespace xdpgate
