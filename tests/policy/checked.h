// SPDX-License-Identifier: GPL-2.0-only
// check() over text in memory, with set files in memory: what it found and
// what it made. For this folder.
#pragma once

#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "policy/check.h"
#include "policy/describe.h"
#include "rulefile/read.h"

namespace xdpgate::test {

/// Path to text.
using SetFiles = std::map<std::string, std::string>;

struct Checked {
  std::optional<Policy> policy;
  Diagnostics diagnostics;

  /// All findings as printed, a line end behind each.
  [[nodiscard]] std::string findings() const {
    std::string text;
    for (const auto& finding : diagnostics.sorted()) {
      text += finding.text() + "\n";
    }
    return text;
  }
};

/// Checks `text` as the file p.yaml.
inline Checked check_text(std::string text, const SetFiles& files = {}) {
  Checked result;
  auto read_text = [&](const std::string& path) -> Result<std::string> {
    auto found = files.find(path);
    if (found != files.end()) return found->second;
    return failure(system_error("read", path, ENOENT));
  };
  auto file = read_rule_file(std::move(text), "p.yaml", result.diagnostics);
  if (file) result.policy = check(*file, read_text, result.diagnostics);
  return result;
}

/// A policy of one rule `r` whose match is `{keys}`; the first character of
/// `keys` is in line 4, column 13.
inline std::string one_rule(const std::string& keys) {
  return "version: 1\nrules:\n  - name: r\n    match: {" + keys +
         "}\n    action: pass\n";
}

/// The match of the only rule as describe() prints it, without braces.
inline std::string match_text(const Policy& policy) {
  const std::string all = describe(policy.rules.at(0), policy);
  const std::string head = "match: {", tail = "}, action: pass";
  return all.substr(head.size(), all.size() - head.size() - tail.size());
}

}  // namespace xdpgate::test
