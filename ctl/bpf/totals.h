// SPDX-License-Identifier: GPL-2.0-only
// What an instance has counted since its rules got their names: base + live of
// one generation, and the fold of an old generation's into a new one's base.
#pragma once

#include <xdpgate/abi.h>

#include <array>
#include <vector>

#include "base/result.h"
#include "bpf/generation.h"

namespace xdpgate {

/// Counts by slot of a generation's own layout.
struct Totals {
  std::vector<xg_base_counter> slots;  ///< ImageView::slot_count()
  std::array<xg_counter, XG_VERDICTS> verdicts{};
};

/// The effect of a rule that has a limit; null where it has none.
[[nodiscard]] const xg_effect* limit_of(const ImageView& image,
                                        std::uint32_t rule);

/// Base + live of `generation`, whose base must be sealed.
[[nodiscard]] Result<Totals> totals_of(const Generation& generation);

/// The base that `next` gets when `old_totals` of `old` are carried over: by
/// name for rules, as they are for the default, the classes and the verdicts.
[[nodiscard]] Result<Totals> carried_over(const ImageView& old,
                                          const Totals& old_totals,
                                          const ImageView& next,
                                          std::uint64_t next_number);

/// Adds `generation`'s live counts to what its base would be.
[[nodiscard]] Result<Totals> with_live(const Generation& generation,
                                       Totals base);

/// Writes and seals `next`'s base from `old`, whose program no packet runs any
/// more and whose base is sealed. May be done again after a kill.
[[nodiscard]] Result<void> fold(const Generation& old, Generation& next);

/// The totals of a generation that is in force again, with what `later` has
/// counted in its place, by name; `base` is the generation's own.
[[nodiscard]] Result<Totals> with_returned(const Generation& again, Totals base,
                                           const Generation& later);

/// Adds to the base of `again` what `later` has counted, once no packet runs
/// that any more. Done again after a kill, it changes nothing.
[[nodiscard]] Result<void> give_back(const Generation& later,
                                     Generation& again);

}  // namespace xdpgate
