// SPDX-License-Identifier: GPL-2.0-only
#include "policy/load.h"

#include "base/text_file.h"
#include "policy/check.h"
#include "rulefile/read.h"

namespace xdpgate {

Result<std::string> read_policy(const std::string& path) {
  // One byte more shows the reader that there are too many.
  return read_text_start(path, kMaxPolicyBytes + 1);
}

std::optional<Policy> load_policy(const std::string& path,
                                  Diagnostics& diagnostics) {
  auto text = read_policy(path);
  if (text) return parse_policy(*text, path, diagnostics);
  diagnostics.error(path, {}, "cannot read it: " + text.error().cause,
                    text.error().hint);
  return std::nullopt;
}

std::optional<Policy> parse_policy(const std::string& text,
                                   const std::string& path,
                                   Diagnostics& diagnostics,
                                   std::vector<PolicyTest>* tests) {
  auto file = read_rule_file(text, path, diagnostics);
  if (!file) return std::nullopt;
  auto read_set = [](const std::string& set_path) {
    return read_text_file(set_path, kMaxSetFileBytes);
  };
  return check(*file, read_set, diagnostics, tests);
}

}  // namespace xdpgate
