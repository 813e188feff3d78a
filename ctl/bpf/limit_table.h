// SPDX-License-Identifier: GPL-2.0-only
// The buckets of a generation's limits, and what passes on to the next one.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <span>

#include "base/result.h"
#include "bpf/mapping.h"
#include "compile/image.h"

namespace xdpgate {

/// The map `limits` in this process's memory; packets change it meanwhile.
class LimitTable {
 public:
  /// Maps the `buckets` elements of the map behind `fd`; none of them: 0.
  [[nodiscard]] static Result<LimitTable> open(int fd, std::uint32_t buckets);

  [[nodiscard]] std::span<xg_limit_bucket> buckets() const;
  /// Fills all buckets; the secret stays.
  void forget();
  /// Puts a secret in the place of whatever there is: random, or `old`'s.
  [[nodiscard]] Result<void> put_secret(const LimitTable* old);

 private:
  Mapping mapping_;
};

/// A generation's limits: which rules have some, and their state.
struct GenerationLimits {
  ImageView image;
  const LimitTable& table;
};

/// Copies the state of each limit that `next` has under the same rule name and
/// in the same words as `old`; their secret must be one. What packets charge
/// meanwhile is left to raise_limits(). Error: an image's texts are damaged.
[[nodiscard]] Result<void> carry_limits(const GenerationLimits& old,
                                        const GenerationLimits& next);

/// Once packets are judged by `to`: what keys owe to `from`'s limits they owe to
/// those of `to`, too, as far as these have room for the key. Of a key that both
/// have let through meanwhile, the more of both. Done again after a kill, it
/// changes nothing.
[[nodiscard]] Result<void> raise_limits(const GenerationLimits& from,
                                        const GenerationLimits& to);

}  // namespace xdpgate
