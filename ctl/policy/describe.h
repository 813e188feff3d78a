// SPDX-License-Identifier: GPL-2.0-only
// A checked rule as canonical text: what its digest is made of, and what
// explanations print.
#pragma once

#include <cstddef>
#include <string>

#include "policy/policy.h"

namespace xdpgate {

/// Match and action of `rule`, without its name: deterministic and complete, so
/// that rules that ask the same have the same text, however they were written.
/// Address sets stand there by name.
[[nodiscard]] std::string describe(const Rule& rule, const Policy& policy);

inline constexpr std::size_t kAllItems = ~std::size_t{0};

/// The keys of `match` alone: "src: 192.0.2.0/24, protocol: tcp"; empty where
/// it asks for nothing. Of lists of more than `most_items` only the first.
[[nodiscard]] std::string describe_match(const Match& match,
                                         const Policy& policy,
                                         std::size_t most_items = kAllItems);

}  // namespace xdpgate
