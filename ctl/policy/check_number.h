// SPDX-License-Identifier: GPL-2.0-only
// Numbers, ranges and names of one field: the smallest words of the language.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/interval_set.h"
#include "base/text.h"
#include "policy/names.h"

namespace xdpgate {

/// What the numbers of a field may be.
struct NumberField {
  std::string_view what;  ///< "a port"
  std::uint32_t max;
  bool hex = false;                       ///< 0x... is welcome
  const NameTable& (*names)() = nullptr;  ///< null: numbers only
  std::string_view also = {};  ///< ", `none` or `any`": words beside numbers
};

inline constexpr NumberField kPortField = {"a port", 65535, false,
                                           service_names};

/// `N`, `A-B`, or a name, in the range of `field`.
[[nodiscard]] Parsed<Interval<std::uint32_t>> parse_number_range(
    std::string_view text, const NumberField& field);

/// One number in the range of `field`; no name.
[[nodiscard]] Parsed<std::uint32_t> parse_number(std::string_view text,
                                                 const NumberField& field);

}  // namespace xdpgate
