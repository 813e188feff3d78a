// SPDX-License-Identifier: GPL-2.0-only
// Something that judges frames by an image: the native engine (xdp/parse.h and
// xdp/classify.h compiled for the host) or the kernel's program through
// BPF_PROG_TEST_RUN (bpf/kernel_engine.h).
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "compile/image.h"
#include "policy/decision.h"

namespace xdpgate {

class Engine {
 public:
  virtual ~Engine() = default;
  /// Judges one Ethernet frame that came in by `ifindex` and counts it.
  [[nodiscard]] virtual Result<Decision> judge(
      std::span<const std::uint8_t> frame, std::uint32_t ifindex) = 0;
  /// The counters so far, by slot (XG_SLOT_...), summed over CPUs;
  /// XG_SLOT_RULE + rule_count of them.
  [[nodiscard]] virtual Result<std::vector<xg_counter>> counters() = 0;

  /// What was beyond each limit so far, in the order of the rules that have
  /// one. Its packets are among their rule's, too.
  [[nodiscard]] virtual Result<std::vector<xg_counter>> over_counters() = 0;

  /// Judges from now on as if it were `now_ns` of CLOCK_BOOTTIME; 0: as the
  /// clock says.
  virtual void set_clock(std::uint64_t now_ns) = 0;
  /// Puts `element` into dynamic set number `set` of the image, until
  /// `expires_ns` or XG_NEVER; takes it out. Error: the set is full.
  [[nodiscard]] virtual Result<void> add_element(std::uint32_t set,
                                                 const xg_element& element,
                                                 std::uint64_t expires_ns) = 0;
  [[nodiscard]] virtual Result<void> remove_element(
      std::uint32_t set, const xg_element& element) = 0;
  /// Empties all dynamic sets and fills all buckets of limits.
  [[nodiscard]] virtual Result<void> forget() = 0;
};

/// The native engine over `image`, which it keeps. Needs no privilege.
[[nodiscard]] std::unique_ptr<Engine> make_native_engine(Image image);

}  // namespace xdpgate
