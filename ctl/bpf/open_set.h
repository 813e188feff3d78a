// SPDX-License-Identifier: GPL-2.0-only
// A dynamic set of a running instance, open: its map, and where the generations
// look it up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/generation.h"
#include "bpf/lock.h"
#include "bpf/running_sets.h"
#include "bpf/set_array.h"
#include "bpf/set_map.h"

namespace xdpgate {

/// A running instance's sets; move-only.
struct OpenSets {
  std::optional<Lock> lock;  ///< where they are to be changed
  std::string instance;
  Generation generation;
  GenerationSets sets;
  /// Of the generation that comes back by `rollback`, or where the one in force
  /// is not confirmed; where they are to be changed.
  std::optional<Generation> before = {};
  std::optional<GenerationSets> before_sets = {};
};

/// A set's place in an array, which belongs to an OpenSet.
struct SetPlace {
  const SetArray* array;
  std::uint32_t number;
};

/// One of them; move-only.
struct OpenSet {
  OpenSets all;
  std::uint32_t number = 0;
  SetMap map;
  /// What the generation before has under its name, where that is another map:
  /// one of another size.
  struct Other {
    std::uint32_t number = 0;
    SetMap map;
  };
  std::optional<Other> other = {};

  [[nodiscard]] const SetInfo& info() const { return all.sets.infos[number]; }
  [[nodiscard]] const SetArray& array() const { return all.sets.sets; }
  /// Where its map is looked up, first by the generation in force; what changes
  /// changes for both, in case that the one before comes back.
  [[nodiscard]] std::vector<SetPlace> places() const;
  /// Where the other one is. Only where there is one.
  [[nodiscard]] SetPlace other_place() const {
    return {&all.before_sets->sets, other->number};
  }
  [[nodiscard]] const SetInfo& other_info() const {
    return all.before_sets->infos[other->number];
  }
  /// "the set `banned` of `edge`".
  [[nodiscard]] std::string text() const;
};

/// The sets of an instance as they are, without the lock.
[[nodiscard]] Result<OpenSets> open_sets(const std::string& instance);
/// One set, likewise. Error: there is none of that name, with the nearest.
[[nodiscard]] Result<OpenSet> open_set(const SetName& name);
/// One set under the lock, with what the generation before has of it.
[[nodiscard]] Result<OpenSet> open_set_to_change(const SetName& name);

}  // namespace xdpgate
