// SPDX-License-Identifier: GPL-2.0-only
// What the kernel has loaded, by its own numbers: whether all of it is gone
// again.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace xdpgate::test {

/// Programs, maps and links.
struct KernelIds {
  std::set<std::uint32_t> programs, maps, links;

  void add(const KernelIds& more);
  [[nodiscard]] bool empty() const {
    return programs.empty() && maps.empty() && links.empty();
  }
  /// "programs 7 9, maps 12", for messages.
  [[nodiscard]] std::string text() const;
};

/// Everything pinned below `directory`, with the maps that its programs use.
[[nodiscard]] KernelIds ids_below(const std::string& directory);

/// The maps that hold an image of one of these sizes, whoever has them.
[[nodiscard]] std::set<std::uint32_t> image_maps(
    const std::set<std::uint32_t>& value_sizes);

/// Those of `ids` that the kernel still has after a while: it frees in the
/// background.
[[nodiscard]] KernelIds left_of(const KernelIds& ids);

}  // namespace xdpgate::test
