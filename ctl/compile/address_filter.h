// SPDX-License-Identifier: GPL-2.0-only
// Regions of sets -> an address filter.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <optional>
#include <span>

#include "compile/address_regions.h"
#include "compile/address_tables.h"

namespace xdpgate {

/// A filter for the regions of a family's sets; none where the trie alone fits
/// a cache, or where too many prefixes would have their bit set.
[[nodiscard]] std::optional<AddressFilter> make_filter(
    xg_kind kind, std::span<const AddressRegion> regions);

}  // namespace xdpgate
