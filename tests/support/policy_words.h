// SPDX-License-Identifier: GPL-2.0-only
// The words that random policies are made of: for each match key the values
// that it draws from. They are those of RandomPackets and their neighbours, so
// that packets meet rules often, at the edges of ranges and prefixes most.
#pragma once

#include <string>
#include <vector>

namespace xdpgate::test {

using Words = std::vector<std::string>;

/// How values are made of a key's words.
enum class Style {
  kAddress,   ///< a list, which may name sets
  kList,      ///< one, or a list
  kFlags,     ///< as kList, or a list of flags
  kOne,       ///< one
  kOneOrNot,  ///< one, which may be negated
};

struct KeyWords {
  std::string key;
  Style style;
  Words words;
};

/// All match keys of the language; the first kCommonKeys are those that real
/// policies use most.
[[nodiscard]] const std::vector<KeyWords>& key_words();
inline constexpr std::size_t kCommonKeys = 5;
/// The words of `key`.
[[nodiscard]] const KeyWords& words_of(const std::string& key);

/// Lists of TCP flags that must be set.
[[nodiscard]] const Words& flag_lists();

}  // namespace xdpgate::test
