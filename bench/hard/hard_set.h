// SPDX-License-Identifier: GPL-2.0-only
// Policies made to hurt: each is hard for a classifier in a way of its own.
// Seeded, so that all machines get the same.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/dice.h"

namespace xdpgate::hard {

/// A policy and the set files that it names, by file name.
struct HardSet {
  std::string policy;
  std::map<std::string, std::string> files;
};

struct HardSetKind {
  const char* name;
  const char* what;
  HardSet (*make)(Dice& dice);
};

/// Many rules on few fields: rules.cpp.
[[nodiscard]] std::vector<HardSetKind> rule_kinds();
/// Many addresses: addresses.cpp.
[[nodiscard]] std::vector<HardSetKind> address_kinds();

/// The head of a policy, up to `rules:` or `sets:`.
[[nodiscard]] std::string policy_head(const char* name);
/// One rule, passing or dropping by its number.
[[nodiscard]] std::string rule_line(std::size_t number,
                                    const std::string& match);

}  // namespace xdpgate::hard
