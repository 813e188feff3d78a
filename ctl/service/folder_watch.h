// SPDX-License-Identifier: GPL-2.0-only
// Wakes the service when files in some folders change (inotify).
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace xdpgate {

/// Watches folders, not files: editors and downloads replace files by renaming.
class FolderWatch {
 public:
  /// Error: no more watches are allowed to this user.
  [[nodiscard]] static Result<FolderWatch> create();

  /// Watches exactly these from now on. Error: one cannot be watched, for
  /// instance since it does not exist; the others are.
  [[nodiscard]] Result<void> watch(const std::set<std::string>& folders);
  /// Becomes readable when something changes.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes what has come; whether it was anything.
  bool drain() const;

 private:
  explicit FolderWatch(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
  std::map<std::string, int> watches_;  // descriptor by folder
};

}  // namespace xdpgate
