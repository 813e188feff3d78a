// SPDX-License-Identifier: GPL-2.0-only
// A policy file that is looked at again and again: what it compiles to, or
// what is wrong with it, and whether it is still the same.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "compile/image.h"
#include "policy/policy.h"

namespace xdpgate {

/// What tells that a file was written to or replaced.
struct FileStamp {
  std::string path;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t changed_ns = 0;  ///< of content or rights (ctime)
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// All zero where the file is not there.
[[nodiscard]] FileStamp stamp_of(const std::string& path);

/// Whether some process has the file open for writing; false where that cannot
/// be known (not all file systems can tell).
[[nodiscard]] bool is_being_written(const std::string& path);

/// A policy file as it was when it was read.
struct PolicyFile {
  std::string path;
  std::string filter;  ///< the policy's name; where it has none, its stem
  std::optional<Policy> policy;  ///< none: the file is broken
  std::optional<Image> image;    ///< likewise
  std::string digest;            ///< of the image; empty where there is none
  std::vector<Diagnostic> findings;  ///< errors and warnings, in file order
  std::vector<FileStamp> stamps;     ///< of the file and of its set files
  /// Of the interfaces that rules name: the image knows them by index.
  std::map<std::string, std::uint32_t> ifindexes;

  [[nodiscard]] bool sound() const { return image.has_value(); }
  /// Whether it, a set file of it or an interface of its rules is another one
  /// now.
  [[nodiscard]] bool has_changed() const;
  /// Whether somebody is writing to it or to a set file of it: what is half
  /// written may well be a sound policy, but it is not the one that is meant.
  [[nodiscard]] bool is_being_written() const;
};

/// Reads, checks and compiles `path`; interfaces that it names are those of
/// this network namespace.
[[nodiscard]] PolicyFile read_policy_file(const std::string& path);

}  // namespace xdpgate
