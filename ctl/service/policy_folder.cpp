// SPDX-License-Identifier: GPL-2.0-only
#include "service/policy_folder.h"

#include <net/if.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace xdpgate {
namespace {

namespace fs = std::filesystem;

// Editors and package managers leave copies beside a file, under other names.
bool is_policy(const fs::path& path) {
  return path.extension() == ".yaml" &&
         !path.filename().string().starts_with('.');
}

// Nothing where the folder cannot be read.
std::optional<std::vector<std::string>> policies_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (is_policy(at->path())) paths.push_back(at->path().string());
  }
  if (error) return std::nullopt;
  std::ranges::sort(paths);
  return paths;
}

// What the interface is called of which this is an alternative name.
std::string main_name(const std::string& interface) {
  char name[IF_NAMESIZE];
  const std::uint32_t index = ::if_nametoindex(interface.c_str());
  return index != 0 && ::if_indextoname(index, name) ? name : interface;
}

// Two policies cannot both be what a filter runs.
void refuse_beside(const std::string& other, PolicyFile& file) {
  file.image.reset();
  file.policy.reset();
  file.digest.clear();
  Diagnostic& finding = file.findings.emplace_back();
  finding.file = file.path;
  finding.message =
      "the filter " + in_quotes(file.filter) + " is that of " + other + ", too";
  finding.hint = "`name:` says which filter a file is of";
  file.stamps.push_back(stamp_of(other));  // it may go, or be renamed
}

}  // namespace

bool PolicyFolder::is_due(const std::string& path) const {
  const auto known = files_.find(path);
  return known == files_.end() || known->second.has_changed();
}

bool PolicyFolder::is_unfinished(const std::string& path) const {
  const auto known = files_.find(path);
  return known == files_.end() ? is_being_written(path)
                               : known->second.is_being_written();
}

// What a broken file was the policy of stays known. False: it, or a set file
// that it names, is being written.
bool PolicyFolder::read_file(const std::string& path) {
  PolicyFile file = read_policy_file(path);
  if (file.is_being_written()) return false;
  const auto before = files_.find(path);
  if (!file.sound() && before != files_.end()) {
    file.filter = before->second.filter;
  }
  files_[path] = std::move(file);
  return true;
}

void PolicyFolder::refuse_second_files(std::vector<std::string>& read) {
  std::map<std::string, std::string> first;  // path by filter
  for (auto& [path, file] : files_) {
    if (!file.sound()) continue;
    const auto [other, is_first] = first.try_emplace(file.filter, path);
    if (is_first) continue;
    refuse_beside(other->second, file);
    if (std::ranges::find(read, path) == read.end()) read.push_back(path);
  }
}

FolderChanges PolicyFolder::refresh() {
  FolderChanges changes;
  const auto paths = policies_in(path_);
  if (!paths) return changes;  // whoever watches the folder says so
  for (const auto& [path, file] : files_) {
    if (!std::ranges::binary_search(*paths, path)) {
      changes.removed.push_back(path);
    }
  }
  for (const std::string& path : changes.removed) files_.erase(path);
  for (const std::string& path : *paths) {
    if (!is_due(path)) continue;
    const bool done = !is_unfinished(path) && read_file(path);
    (done ? changes.read : changes.unfinished).push_back(path);
  }
  refuse_second_files(changes.read);
  return changes;
}

std::vector<Intent> PolicyFolder::intents() const {
  std::map<std::string, Intent> by_filter;
  for (const auto& [path, file] : files_) {
    Intent intent{file.filter, std::nullopt, {}};
    if (file.sound()) {
      intent.digest = file.digest;
      std::ranges::transform(file.policy->interfaces,
                             std::back_inserter(intent.interfaces), main_name);
    }
    // A sound file of the filter, or the first.
    const auto [at, is_new] = by_filter.try_emplace(file.filter, intent);
    if (!is_new && !at->second.digest) at->second = std::move(intent);
  }
  std::vector<Intent> result;
  for (auto& [filter, intent] : by_filter) result.push_back(std::move(intent));
  return result;
}

}  // namespace xdpgate
