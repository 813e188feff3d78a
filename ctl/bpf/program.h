// SPDX-License-Identifier: GPL-2.0-only
// The program of one generation in the kernel: xg_filter or xg_filter_deep,
// loaded with an image and counters of its own. Not attached and not pinned;
// that is for others.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bpf/entry.h"
#include "compile/image.h"

struct filter;  // the skeleton, generated/filter.skel.h

namespace xdpgate {

struct LoadOptions {
  /// The program writes what it did to its trace map, and does no more. For
  /// test runs only.
  bool tracing = false;
  /// The instance whose maps the program shares; null: it has its own.
  const Entry* entry = nullptr;
  /// Packets are counted for each interface, too; with `entry` only.
  bool counts_ports = false;
  /// Ifindexes of the interfaces that packets leave by, by slot.
  std::vector<std::uint32_t> devices = {};
};

/// A loaded program and its maps; move-only. The kernel frees them with this
/// object unless they are attached or pinned.
class Program {
 public:
  /// The descriptors stay the program's; they are good for as long as it lives.
  [[nodiscard]] int fd() const;
  [[nodiscard]] int image_fd() const;
  [[nodiscard]] int counters_fd() const;
  [[nodiscard]] int trace_fd() const;
  /// The arrays of dynamic sets and of their queues, which hold none yet, and
  /// the lengths.
  [[nodiscard]] int sets_fd() const;
  [[nodiscard]] int set_queues_fd() const;
  [[nodiscard]] int set_lengths_fd() const;
  [[nodiscard]] int limits_fd() const;
  [[nodiscard]] int ports_fd() const;
  [[nodiscard]] bool counts_ports() const { return counts_ports_; }
  /// Bytes of the image map's value: those of the image + XG_READ_MAX.
  [[nodiscard]] std::uint32_t image_value_bytes() const;
  /// Those of the image: counters, dynamic sets, buckets of limits.
  [[nodiscard]] std::uint32_t slot_count() const { return slot_count_; }
  [[nodiscard]] std::uint32_t set_count() const { return set_count_; }
  [[nodiscard]] std::uint32_t limit_buckets() const { return limit_buckets_; }

 private:
  friend Result<Program> load_program(const Image& image,
                                      const LoadOptions& options);
  struct Destroy {
    void operator()(filter* skeleton) const;
  };
  using Skeleton = std::unique_ptr<filter, Destroy>;
  Program(Skeleton skeleton, const xg_header& header, bool counts_ports)
      : skeleton_(std::move(skeleton)),
        slot_count_(xdpgate::slot_count(header)),
        set_count_(header.set_count),
        limit_buckets_(header.limit_buckets),
        features_(header.features),
        counts_ports_(counts_ports) {}

  Skeleton skeleton_;
  std::uint32_t slot_count_ = 0, set_count_ = 0, limit_buckets_ = 0;
  // Not the skeleton's: its .rodata is gone where memory was short in loading.
  std::uint32_t features_ = 0;
  bool counts_ports_ = false;
};

/// Fills the program's image map with `image`, which fits it.
[[nodiscard]] Result<void> fill_image(const Program& program,
                                      const Image& image);

/// Says that `program` has been checked and is generation `number` from now on:
/// its packets may be captured, and its answers count. Nobody can write its
/// image any more.
[[nodiscard]] Result<void> announce(const Program& program,
                                    std::uint64_t number);

/// Loads the program and fills its image. Errors: no privilege, no memory, a
/// kernel without what the program needs (with the verifier's last words).
[[nodiscard]] Result<Program> load_program(const Image& image,
                                           const LoadOptions& options = {});

}  // namespace xdpgate
