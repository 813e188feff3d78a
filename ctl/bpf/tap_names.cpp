// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/tap_names.h"

#include <algorithm>

#include "base/text.h"
#include "bpf/snapshot.h"

namespace xdpgate {
namespace {

// Events of older generations have left the ring by then.
constexpr std::size_t kKept = 4;

}  // namespace

Result<bool> TapNames::refresh(const Entry& entry) {
  auto id = dir_.judging(entry);
  if (!id) return std::unexpected(id.error());
  if (*id == program_id_) return false;
  auto generation = generation_in_force(dir_);
  if (!generation) return std::unexpected(generation.error());
  auto texts = ImageTexts::of(generation->image());
  if (!texts) return std::unexpected(texts.error());
  newest_ = generation->number();
  program_id_ = program_id(generation->program_fd()).value_or(0);
  known_.insert_or_assign(
      newest_, Known{std::move(*texts), generation->image().rule_count()});
  while (known_.size() > kKept) known_.erase(known_.begin());
  return true;
}

std::vector<std::uint32_t> TapNames::numbers(
    const std::vector<std::string>& names) const {
  std::vector<std::uint32_t> result;
  const Known& known = known_.at(newest_);
  for (std::uint32_t rule = 0; rule < known.rule_count; ++rule) {
    const std::string_view name = known.texts.rule_name(rule);
    if (std::ranges::find(names, name) != names.end()) result.push_back(rule);
  }
  return result;
}

std::string TapNames::nearest(const std::string& name) const {
  const Known& known = known_.at(newest_);
  std::vector<std::string_view> names;
  for (std::uint32_t rule = 0; rule < known.rule_count; ++rule) {
    names.push_back(known.texts.rule_name(rule));
  }
  const std::string hint = nearest_hint(name, names);
  return hint.empty() ? "`xdpgate stats` lists its rules" : hint;
}

std::string_view TapNames::name(std::uint64_t generation,
                                std::uint32_t rule) const {
  const auto found = known_.find(generation);
  if (found == known_.end() || rule >= found->second.rule_count) return "?";
  return found->second.texts.rule_name(rule);
}

}  // namespace xdpgate
