// SPDX-License-Identifier: GPL-2.0-only
// The XDP program in the kernel as an Engine, for replay and tests: loaded
// with an image of its own, never attached, run by BPF_PROG_TEST_RUN.
#pragma once

#include <memory>

#include "base/result.h"
#include "compile/image.h"
#include "engine/engine.h"

namespace xdpgate {

/// Loads the program with `image`. Errors: no privilege, no BPF, the
/// verifier's last words. Frames that BPF_PROG_TEST_RUN cannot take (below 14
/// bytes, or larger than the kernel allows) are judged by the native engine.
[[nodiscard]] Result<std::unique_ptr<Engine>> make_kernel_engine(Image image);

/// Nanoseconds per packet of one run of `repeat` rounds over `frame`.
[[nodiscard]] Result<std::uint32_t> time_frame(Engine& kernel_engine,
                                               std::span<const std::uint8_t>,
                                               std::uint32_t repeat);

}  // namespace xdpgate
