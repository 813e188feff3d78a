// SPDX-License-Identifier: GPL-2.0-only
// How values look, as pieces of a JSON Schema.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "policy/check_match.h"

namespace xdpgate {

using Json = nlohmann::ordered_json;

/// A string that matches `pattern`; YAML makes numbers of some, so a number may
/// stand there, too, where `or_number`.
[[nodiscard]] Json text_form(const std::string& pattern,
                             bool or_number = false);
/// One of `words`; true and false as YAML has them.
[[nodiscard]] Json words_form(std::span<const std::string_view> words);
/// A whole number from `low` to `high`, also as text.
[[nodiscard]] Json number_form(std::uint64_t low, std::uint64_t high);
/// `item`, or a list of such, also of lists.
[[nodiscard]] Json list_form(const Json& item);
/// The value of a match key: an item, a list, or `{not: ...}` of them.
[[nodiscard]] Json match_form(const ValueForm& form);
/// Addresses, prefixes, ranges; and ports, ranges, services. With references
/// to sets, or without, as inside of sets.
[[nodiscard]] Json address_form(bool with_sets);
[[nodiscard]] Json port_form(bool with_sets);
/// A map of `properties` and no other keys; those `required` must be there.
[[nodiscard]] Json map_form(const Json& properties,
                            const std::vector<std::string>& required);

}  // namespace xdpgate
