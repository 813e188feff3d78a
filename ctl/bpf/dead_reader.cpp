// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/dead_reader.h"

#include <bpf/bpf.h>

#include "bpf/lock.h"
#include "bpf/tap_control.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kRingSlot = 0;

bool has_ring(const Entry& entry) {
  std::uint32_t id = 0;
  return bpf_map_lookup_elem(entry.rings.get(), &kRingSlot, &id) == 0;
}

}  // namespace

// A reader holds the lock on the directory for as long as it lives, and puts
// its ring in before all else.
void clear_dead_reader(const InstanceDir& dir) {
  const auto entry = dir.open_entry();
  if (!entry || !has_ring(*entry)) return;
  const auto lock = Lock::try_take(dir.path());
  if (!lock) return;
  TapControl(entry->capture.get()).stop();
  (void)bpf_map_delete_elem(entry->rings.get(), &kRingSlot);
}

}  // namespace xdpgate
