// SPDX-License-Identifier: GPL-2.0-only
// One generation of an instance: program, image, live and base counters, as
// pinned in gen-N.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "bpf/limit_table.h"
#include "bpf/mapping.h"
#include "bpf/program.h"
#include "bpf/set_array.h"
#include "compile/image.h"

namespace xdpgate {

/// A generation's pins, open and mapped; move-only.
class Generation {
 public:
  /// Opens what is pinned in `path`, gen-`number` of an instance. Errors:
  /// incomplete, or made by another version of xdpgate.
  [[nodiscard]] static Result<Generation> open(const std::string& path,
                                               std::uint64_t number);
  /// Pins `program` and a new base array, with nothing counted, in `path`.
  [[nodiscard]] static Result<Generation> create(const Program& program,
                                                 const std::string& path,
                                                 std::uint64_t number);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int program_fd() const { return program_.get(); }
  [[nodiscard]] int counters_fd() const { return counters_.get(); }
  [[nodiscard]] ImageView image() const {
    return ImageView(std::span(image_map_.data(), image_map_.size()));
  }
  /// What is wrong with the image that is pinned, in words; nothing: it is the
  /// program's, as it was compiled.
  [[nodiscard]] Result<std::optional<std::string>> damage() const;
  /// The state of its limits; empty where it has none.
  [[nodiscard]] Result<LimitTable> limits() const {
    return LimitTable::open(limits_.get(), image().header().limit_buckets);
  }
  /// Its dynamic sets. Error: the image's texts are damaged.
  [[nodiscard]] Result<GenerationSets> sets() const;
  /// Those of ImageView::slot_count(), in the map itself.
  [[nodiscard]] std::span<xg_base_counter> base() const;
  /// Whether it counts packets for each interface, too.
  [[nodiscard]] Result<bool> counts_ports() const;
  [[nodiscard]] bool sealed() const;
  void seal();
  /// The newest generation whose counts base() has: its own number, or that of
  /// one which has given way to it.
  [[nodiscard]] std::uint64_t newest() const {
    return base()[XG_SLOT_SEAL].changed;
  }
  /// Puts `counters`, as many as there are, in the place of base(), at once; a
  /// kill leaves the one or the other.
  [[nodiscard]] Result<void> replace_base(
      std::span<const xg_base_counter> counters);
  /// CLOCK_BOOTTIME of its making, in ns.
  [[nodiscard]] std::uint64_t made_ns() const {
    return base()[XG_SLOT_SEAL].bytes;
  }

 private:
  Result<void> map_all();
  Result<void> open_pins(
      std::initializer_list<std::pair<const char*, Fd*>> pins);
  Result<void> open_state();

  std::uint64_t number_ = 0;
  std::string path_;
  Fd program_, image_, counters_, base_;
  Fd sets_, set_queues_, set_lengths_;  // where the policy has dynamic sets
  Fd limits_;                           // where it has limits
  Mapping image_map_, base_map_;
};

/// N of a directory called "gen-N"; none for other names.
[[nodiscard]] std::optional<std::uint64_t> generation_number(
    const std::string& name);

}  // namespace xdpgate
