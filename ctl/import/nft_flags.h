// SPDX-License-Identifier: GPL-2.0-only
// nftables' comparisons of TCP flags.
#pragma once

#include <optional>
#include <string>

#include "import/nft_match.h"

namespace xdpgate {

/// The value of `tcp_flags` that asks for the same as `tcp flags [& mask] op
/// right`; nothing where that cannot be said. `mask` may be null.
[[nodiscard]] std::optional<std::string> nft_flags(const std::string& op,
                                                   const NftJson* mask,
                                                   const NftJson& right);

}  // namespace xdpgate
