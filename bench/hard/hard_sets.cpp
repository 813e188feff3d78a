// SPDX-License-Identifier: GPL-2.0-only
// The hard sets as files:
//
//   xg_hard_sets list                  their names
//   xg_hard_sets policy NAME           the policy, as YAML
//   xg_hard_sets write DIR [NAME…]     DIR/NAME.yaml and its set files; all
//                                      where no name is given
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "bench/hard/hard_set.h"

namespace xdpgate::hard {

namespace {

constexpr std::uint64_t kSeed = 1;
enum ExitCode { kDone = 0, kUsage = 2, kSystem = 3 };

std::vector<HardSetKind> all_kinds() {
  auto kinds = rule_kinds();
  for (const HardSetKind& kind : address_kinds()) kinds.push_back(kind);
  return kinds;
}

HardSet make(const HardSetKind& kind) {
  Dice dice(kSeed);
  return kind.make(dice);
}

bool write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  fmt::print(stderr, "xg_hard_sets: cannot write {}\n", path.string());
  return false;
}

bool write_set(const std::filesystem::path& dir, const HardSetKind& kind) {
  const HardSet set = make(kind);
  for (const auto& [name, text] : set.files) {
    if (!write_file(dir / name, text)) return false;
  }
  return write_file(dir / (std::string(kind.name) + ".yaml"), set.policy);
}

// The kinds of these names, all where there is none; nothing where one is
// unknown.
std::optional<std::vector<HardSetKind>> named(
    const std::vector<std::string>& names) {
  const auto kinds = all_kinds();
  if (names.empty()) return kinds;
  std::vector<HardSetKind> result;
  for (const std::string& name : names) {
    auto kind = std::ranges::find(kinds, name, [](const HardSetKind& k) {
      return std::string(k.name);
    });
    if (kind == kinds.end()) {
      fmt::print(stderr, "xg_hard_sets: no set is called `{}`\n", name);
      return std::nullopt;
    }
    result.push_back(*kind);
  }
  return result;
}

int run(int argc, char** argv) {
  CLI::App app("Policies made to hurt a classifier");
  app.require_subcommand(1);
  std::vector<std::string> names;
  std::string dir;
  auto* list = app.add_subcommand("list", "their names");
  auto* policy = app.add_subcommand("policy", "print one, as YAML");
  policy->add_option("name", names)->required()->expected(1);
  auto* write = app.add_subcommand("write", "policies and set files");
  write->add_option("dir", dir, "directory, made where missing")->required();
  write->add_option("names", names, "all unless told");
  CLI11_PARSE(app, argc, argv);
  const auto kinds = named(names);
  if (!kinds) return kUsage;
  for (const HardSetKind& kind : *kinds) {
    if (list->parsed()) fmt::print("{:<20}{}\n", kind.name, kind.what);
    if (policy->parsed()) fmt::print("{}", make(kind).policy);
    if (!write->parsed()) continue;
    std::error_code failed;
    std::filesystem::create_directories(dir, failed);
    if (!write_set(dir, kind)) return kSystem;
  }
  return kDone;
}

}  // namespace
}  // namespace xdpgate::hard

int main(int argc, char** argv) { return xdpgate::hard::run(argc, argv); }
