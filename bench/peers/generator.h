// SPDX-License-Identifier: GPL-2.0-only
// Live traffic into a veth from this core (generator.bpf.c).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

struct generator;  // the skeleton, generated/generator.skel.h

namespace xdpgate::peers {

/// One pass of the generator.
struct LivePass {
  double ns = 0;           ///< a packet, sending and receiving
  double lost_share = 0;   ///< of the frames, that the receiver never saw
  std::uint32_t frames = 0;  ///< sent, those that were lost among them
};

/// A generator with a trace; move-only. It goes on in its trace from pass to
/// pass, and begins anew behind the end.
class Generator {
 public:
  /// `frames` are cut or padded to 64 bytes. Errors: none; no privilege.
  [[nodiscard]] static Result<Generator> create(
      const std::vector<std::vector<std::uint8_t>>& frames);

  /// Sends `frames` (rounded to whole batches of 64) to the interface and
  /// times all but the first quarter, which warms caches up.
  [[nodiscard]] Result<LivePass> pass(const std::string& interface,
                                      std::uint32_t frames);
  /// The XDP program that drops everything.
  [[nodiscard]] int sink_fd() const;

 private:
  struct Destroy {
    void operator()(generator* skeleton) const;
  };
  std::unique_ptr<generator, Destroy> skeleton_;
};

/// Attaches a program in native mode, until the interface goes.
[[nodiscard]] Result<void> attach_native(const std::string& interface,
                                         int program_fd);

}  // namespace xdpgate::peers
