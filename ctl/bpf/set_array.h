// SPDX-License-Identifier: GPL-2.0-only
// The dynamic sets of one generation: an array of set maps by number, and the
// prefix lengths of each. The set maps themselves pass from one generation to
// the next.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "bpf/set_map.h"
#include "compile/set_info.h"

namespace xdpgate {

/// The maps that a program looks sets up in; their owner keeps them.
struct SetArrayFds {
  int sets = -1;
  int queues = -1;
  int lengths = -1;
};

class SetArray {
 public:
  explicit SetArray(const SetArrayFds& fds) : fds_(fds) {}

  /// The map of set `number`. Error: there is none, or no privilege.
  [[nodiscard]] Result<SetMap> open(std::uint32_t number) const;
  /// Puts another map in its place, at once for every packet; returns when no
  /// packet looks at the old one any more.
  [[nodiscard]] Result<void> put(std::uint32_t number, const SetMap& map) const;
  /// The queue of a set that rules ban into; none where it has none.
  [[nodiscard]] Result<std::optional<Fd>> queue(std::uint32_t number) const;
  [[nodiscard]] Result<void> put_queue(std::uint32_t number,
                                       const Fd& queue) const;
  /// Puts elements at the end of the set's queue, if it has one; what is there
  /// longest leaves a full one.
  [[nodiscard]] Result<void> push_queue(
      std::uint32_t number, std::span<const xg_element> elements) const;
  [[nodiscard]] Result<xg_set_lengths> lengths(std::uint32_t number) const;
  [[nodiscard]] Result<void> put_lengths(std::uint32_t number,
                                         const xg_set_lengths& lengths) const;
  /// Adds to the lengths of a set what `more` has.
  [[nodiscard]] Result<void> add_lengths(std::uint32_t number,
                                         const xg_set_lengths& more) const;

 private:
  SetArrayFds fds_;
};

/// The sets of a generation and what its policy says of them.
struct GenerationSets {
  SetArray sets;
  std::vector<SetInfo> infos;  ///< by number
};

/// Gives every set of `next` its map: what `old` (may be null) has under the
/// same name, the very map where the size is the same, else a new one with the
/// old content; and an empty one where there is nothing. Error: a set does not
/// fit its new size, no memory, no privilege.
[[nodiscard]] Result<void> connect_sets(const GenerationSets& next,
                                        const GenerationSets* old);

/// Brings what has come into `old`'s sets since connect_sets() to those of
/// `next` that have maps of their own, once no packet changes the old ones.
/// May be done again after a kill.
[[nodiscard]] Result<void> carry_late_elements(const GenerationSets& old,
                                               const GenerationSets& next);

/// The other way: gives `again` what `later`, which had the sets after it, has
/// under the same names: the very map where the size is the same, else what has
/// come in. May be done again after a kill.
[[nodiscard]] Result<void> return_sets(const GenerationSets& later,
                                       const GenerationSets& again);

}  // namespace xdpgate
