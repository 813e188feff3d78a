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
};

/// The native engine over `image`, which it keeps. Needs no privilege.
[[nodiscard]] std::unique_ptr<Engine> make_native_engine(Image image);

}  // namespace xdpgate
