// SPDX-License-Identifier: GPL-2.0-only
#include "import/nft_flags.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "import/draft.h"

namespace xdpgate {
namespace {

using Words = std::vector<std::string>;

// Single flags, or `none`; nothing where it is no list of flags.
std::optional<Words> flags_of(const NftJson& flags) {
  if (flags.is_number_unsigned()) {
    const auto number = flags.get<std::uint64_t>();
    return Words{number == 0 ? "none" : fmt::format("{:#x}", number)};
  }
  if (flags.is_string()) return Words{flags.get<std::string>()};
  const bool either = flags.is_object() && flags.contains("|");
  if (!either && !flags.is_array()) return std::nullopt;
  Words words;
  for (const NftJson& flag : either ? flags.at("|") : flags) {
    const auto more = flags_of(flag);
    if (!more) return std::nullopt;
    words.insert(words.end(), more->begin(), more->end());
  }
  return words;
}

// One of the flags is set.
std::string any_flag(const Words& flags) {
  Words patterns;
  for (const std::string& flag : flags) {
    patterns.push_back(yaml_quoted(fmt::format("{0}/{0}", flag)));
  }
  return yaml_list(patterns);
}

// Of the flags in `mask` those of `right` are set, or of one of its members.
std::optional<std::string> flag_patterns(const NftJson& right,
                                         const Words& mask) {
  const bool several = right.is_object() && right.contains("set");
  Words patterns;
  for (const NftJson& one :
       several ? right.at("set") : NftJson::array({right})) {
    const auto flags = flags_of(one);
    if (!flags) return std::nullopt;
    patterns.push_back(yaml_quoted(
        fmt::format("{}/{}", fmt::join(*flags, ","), fmt::join(mask, ","))));
  }
  return yaml_list(patterns);
}

}  // namespace

std::optional<std::string> nft_flags(const std::string& op, const NftJson* mask,
                                     const NftJson& right) {
  const auto masked = mask ? flags_of(*mask) : Words{"0xff"};
  if (!masked) return std::nullopt;
  const bool zero = right.is_number_unsigned() && right.get<int>() == 0;
  if (op == "!=" && zero && mask) return any_flag(*masked);
  if (op == "in" || op == "!") {
    const auto flags = flags_of(right);
    if (!flags) return std::nullopt;
    return op == "in"
               ? any_flag(*flags)
               : yaml_quoted(fmt::format("none/{}", fmt::join(*flags, ",")));
  }
  if (op != "==" && op != "!=") return std::nullopt;
  auto value = flag_patterns(right, *masked);
  return value && op == "!=" ? yaml_not(*value) : value;
}

}  // namespace xdpgate
