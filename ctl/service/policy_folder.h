// SPDX-License-Identifier: GPL-2.0-only
// The folder of the policies that a host is to run, one file each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metrics/intent.h"
#include "service/policy_file.h"

namespace xdpgate {

/// Where the service looks unless told otherwise.
inline constexpr const char* kPolicyFolder = "/etc/xdpgate";

/// What a look at the folder has found, by path.
struct FolderChanges {
  std::vector<std::string> read;        ///< new, or changed
  std::vector<std::string> removed;     ///< were there before
  std::vector<std::string> unfinished;  ///< are due, and being written
};

/// The files *.yaml of a folder, but for hidden ones, as last looked at.
class PolicyFolder {
 public:
  explicit PolicyFolder(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::map<std::string, PolicyFile>& files() const {
    return files_;
  }
  /// Looks again. What is being written waits for another look. A folder that
  /// does not exist holds nothing. Where two files are of one filter the later
  /// one, by path, is broken.
  FolderChanges refresh();
  /// What the files ask for. A broken file speaks for the filter it was of.
  [[nodiscard]] std::vector<Intent> intents() const;

 private:
  [[nodiscard]] bool is_due(const std::string& path) const;
  [[nodiscard]] bool is_unfinished(const std::string& path) const;
  [[nodiscard]] bool read_file(const std::string& path);
  void refuse_second_files(std::vector<std::string>& read);

  std::string path_;
  std::map<std::string, PolicyFile> files_;  // by path
};

}  // namespace xdpgate
