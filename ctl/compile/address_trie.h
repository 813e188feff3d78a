// SPDX-License-Identifier: GPL-2.0-only
// Sorted regions -> a trie in the entries of abi.h (enum xg_trie_kind).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "compile/address_regions.h"

namespace xdpgate {

/// Appends a trie over `regions` (the first starts at 0) to `entries`; returns
/// its root entry and raises `max_steps` to its longest walk, which is below
/// XG_TRIE_MAX_STEPS by construction. Error: the entries cannot be addressed.
[[nodiscard]] Result<std::uint32_t> append_trie(
    std::span<const AddressRegion> regions, std::vector<std::uint32_t>& entries,
    std::uint32_t& max_steps);

}  // namespace xdpgate
