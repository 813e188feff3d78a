// SPDX-License-Identifier: GPL-2.0-only
// The XDP program in the kernel as an Engine, for replay and tests: loaded
// with an image of its own, never attached, run by BPF_PROG_TEST_RUN.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "compile/image.h"
#include "engine/engine.h"

namespace xdpgate {

/// Loads the program with `image`. Errors: no privilege, no BPF, the
/// verifier's last words. Frames that BPF_PROG_TEST_RUN cannot take (below 14
/// bytes, or larger than the kernel allows) are judged by the native engine.
[[nodiscard]] Result<std::unique_ptr<Engine>> make_kernel_engine(Image image);

/// Whether BPF_PROG_TEST_RUN can take `frame`; of others make_kernel_engine()'s
/// answer is the native engine's.
[[nodiscard]] bool kernel_takes(std::span<const std::uint8_t> frame);

/// Judges and counts `frame` as judge() does and returns all that the program
/// says: the key as read beside the verdict. `kernel_engine` must come from
/// make_kernel_engine(). Error: a frame that the kernel cannot take.
[[nodiscard]] Result<xg_trace> trace_frame(Engine& kernel_engine,
                                           std::span<const std::uint8_t> frame,
                                           std::uint32_t ifindex);

/// The descriptor of the program that `kernel_engine`, from
/// make_kernel_engine(), runs; good for as long as the engine lives.
[[nodiscard]] int program_fd(const Engine& kernel_engine);

/// Puts `image` in the place of the one that `kernel_engine` judges by, with all
/// counters at 0: many small images in a row, without a load for each. The
/// engine must come from make_kernel_engine() and keeps the program that its
/// first image was loaded with. Error: that image was smaller, or had fewer
/// rules or features.
[[nodiscard]] Result<void> replace_image(Engine& kernel_engine, Image image);

/// Nanoseconds per packet of one run of `repeat` rounds over `frame`, by the
/// program as it is attached: without a trace. They are not counted.
/// `kernel_engine` must come from make_kernel_engine().
[[nodiscard]] Result<std::uint32_t> time_frame(Engine& kernel_engine,
                                               std::span<const std::uint8_t>,
                                               std::uint32_t repeat);

}  // namespace xdpgate
