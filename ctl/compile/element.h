// SPDX-License-Identifier: GPL-2.0-only
// Elements of dynamic sets: what a user writes, as the kernel's hash has it,
// and back.
#pragma once

#include <xdpgate/abi.h>

#include <cstddef>
#include <string>
#include <vector>

#include "policy/names_address.h"

namespace xdpgate {

/// The hosts and prefixes that make up a range; one where it is one.
[[nodiscard]] std::vector<xg_element> elements_of(const AddressRange& range);

/// All addresses of an element.
[[nodiscard]] AddressRange range_of(const xg_element& element);

/// Notes the length of a prefix among those of its set; of a host nothing.
void note_length(const xg_element& element, xg_set_lengths& lengths);

struct ElementHash {
  [[nodiscard]] std::size_t operator()(const xg_element& element) const;
};
struct ElementEqual {
  [[nodiscard]] bool operator()(const xg_element& a,
                                const xg_element& b) const;
};

}  // namespace xdpgate
