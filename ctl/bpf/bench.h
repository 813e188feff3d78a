// SPDX-License-Identifier: GPL-2.0-only
// Times XDP programs on a trace: one test run (BPF_PROG_TEST_RUN) takes a
// program through every frame of it, so that caches see the working set of
// real traffic and no system call stands between two packets.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

struct bench;  // the skeleton, generated/bench.skel.h

namespace xdpgate {

/// Frames to time programs on.
struct BenchTrace {
  std::vector<std::vector<std::uint8_t>> frames;
};

struct BenchOptions {
  /// Whether the programs timed are ours: they take frames in several buffers
  /// (xdp.frags) and name no attachment. Others, as xdp-filter's, are taken to do
  /// neither; programs of the two kinds cannot call each other.
  bool ours = true;
  /// XG_HAS_... for the reader alone.
  std::uint32_t features = 0;
};

/// The harness with a trace; move-only.
///
/// Every frame is as long as the trace's longest (at least 64 bytes): what a
/// shorter one lacks stands behind its packet, as Ethernet padding does. Of
/// longer frames than 256 bytes the first 256 bytes differ from frame to frame,
/// what follows is zeros.
class Bench {
 public:
  /// Errors: no frames; no privilege; no memory.
  [[nodiscard]] static Result<Bench> create(const BenchTrace& trace,
                                            const BenchOptions& options = {});
  /// Nanoseconds per packet of one pass of `program_fd` over the whole trace,
  /// the harness's own share included.
  [[nodiscard]] Result<double> pass(int program_fd);

  /// The program that parses nothing and drops; the reader alone.
  [[nodiscard]] int floor_fd() const;
  [[nodiscard]] int parse_fd() const;
  [[nodiscard]] std::uint32_t packets() const { return packets_; }

 private:
  struct Destroy {
    void operator()(bench* skeleton) const;
  };
  std::unique_ptr<bench, Destroy> skeleton_;
  std::vector<std::uint8_t> frame_;
  std::uint32_t packets_ = 0;
};

/// Times of several programs, each its passes in the order they were made.
using BenchTimes = std::vector<std::vector<double>>;

/// `rounds` rounds, in each of which every program makes one pass: interleaved,
/// so that a change of the machine's speed meets all of them.
[[nodiscard]] Result<BenchTimes> time_rounds(Bench& bench,
                                             std::span<const int> program_fds,
                                             unsigned rounds);

/// The quiet median: that of the rounds in which the first program (the floor)
/// was within a tenth of its least; at least five rounds, or all there are.
[[nodiscard]] std::vector<double> quiet_medians(const BenchTimes& times);

}  // namespace xdpgate
