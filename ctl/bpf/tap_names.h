// SPDX-License-Identifier: GPL-2.0-only
// What the numbers in an instance's events mean: the rule names of the
// generations that were in force while it was read.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bpf/entry.h"
#include "bpf/instance_dir.h"
#include "compile/texts.h"

namespace xdpgate {

class TapNames {
 public:
  explicit TapNames(InstanceDir dir) : dir_(std::move(dir)) {}

  /// Learns the generation in force where it is a new one; false: it is not.
  /// Error: none is in force.
  [[nodiscard]] Result<bool> refresh(const Entry& entry);
  /// The one that refresh() found last.
  [[nodiscard]] std::uint64_t newest() const { return newest_; }
  /// The newest generation's numbers of the rules called `names`; those that it
  /// lacks are left out.
  [[nodiscard]] std::vector<std::uint32_t> numbers(
      const std::vector<std::string>& names) const;
  /// "did you mean `x`?" of the newest generation's names, or nothing.
  [[nodiscard]] std::string nearest(const std::string& name) const;
  /// The rule's name; "?" of a generation that was gone too soon to be read.
  [[nodiscard]] std::string_view name(std::uint64_t generation,
                                      std::uint32_t rule) const;

 private:
  struct Known {
    ImageTexts texts;
    std::uint32_t rule_count = 0;
  };

  InstanceDir dir_;
  std::map<std::uint64_t, Known> known_;
  std::uint64_t newest_ = 0;
  std::uint32_t program_id_ = 0;  // of the newest
};

}  // namespace xdpgate
