// SPDX-License-Identifier: GPL-2.0-only
#include "service/policy_file.h"

#include <fcntl.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <utility>

#include "analyze/findings.h"
#include "base/fd.h"
#include "base/text.h"
#include "base/text_file.h"
#include "compile/compile.h"
#include "explain/test_run.h"
#include "policy/check.h"
#include "policy/instance_name.h"
#include "policy/load.h"
#include "rulefile/read.h"

namespace xdpgate {
namespace {

// A pipe has no end to wait for, and a device none at all.
Result<std::string> read_regular(
    const std::string& path, Result<std::string> (*read)(const std::string&)) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return failure({"read", path, "it is no regular file", ""});
  }
  return read(path);
}

Result<std::string> read_set_file(const std::string& path) {
  return read_text_file(path, kMaxSetFileBytes);
}

// Other names than those in UTF-8 can stand neither in a log nor in a label.
std::string in_utf8(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    const std::size_t size = utf8_size(name);
    result += size == 0 ? "\xef\xbf\xbd" : name.substr(0, size);
    name.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

// The name that the file gives its filter, sound or not.
std::optional<std::string> name_in(const RuleFile& tree) {
  for (std::size_t i = 0; i < tree.entries(tree.root()); ++i) {
    if (tree.text(tree.key(tree.root(), i)) != "name") continue;
    const std::string_view name = tree.text(tree.value(tree.root(), i));
    if (is_instance_name(name)) return std::string(name);
  }
  return std::nullopt;
}

std::optional<Policy> read_policy_noting(PolicyFile& file,
                                         Diagnostics& diagnostics) {
  auto text = read_regular(file.path, read_policy);
  if (!text) {
    diagnostics.error(file.path, {}, "cannot read it: " + text.error().cause);
    return std::nullopt;
  }
  auto tree = read_rule_file(*text, file.path, diagnostics);
  if (!tree) return std::nullopt;
  file.filter = name_in(*tree).value_or(file.filter);
  auto read_set = [&](const std::string& path) {
    file.stamps.push_back(stamp_of(path));
    return read_regular(path, read_set_file);
  };
  std::vector<PolicyTest> tests;
  auto policy = check(*tree, read_set, diagnostics, &tests);
  check_test_packets(tests, file.path, diagnostics);
  return policy;
}

std::optional<Image> compile_here(const Policy& policy, PolicyFile& file,
                                  Diagnostics& diagnostics) {
  auto image = compile(policy, {[&](const std::string& name) {
                         const std::uint32_t index =
                             ::if_nametoindex(name.c_str());
                         file.ifindexes[name] = index;
                         return index;
                       }});
  if (image) return std::move(*image);
  diagnostics.error(file.path, {}, image.error().line());
  return std::nullopt;
}

}  // namespace

FileStamp stamp_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {path};
  return {
      path, info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
      info.st_ctim.tv_sec * std::int64_t{1'000'000'000} + info.st_ctim.tv_nsec};
}

// A lease for reading is refused where the file is open for writing. Who opens
// it while the lease lasts waits that long, and the holder gets a signal: one
// that is ignored.
bool is_being_written(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd || ::fcntl(fd.get(), F_SETSIG, SIGURG) != 0) return false;
  if (::fcntl(fd.get(), F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  (void)::fcntl(fd.get(), F_SETLEASE, F_UNLCK);
  return false;
}

bool PolicyFile::has_changed() const {
  const bool another_file = std::ranges::any_of(
      stamps,
      [](const FileStamp& stamp) { return stamp != stamp_of(stamp.path); });
  return another_file || std::ranges::any_of(ifindexes, [](const auto& one) {
           return ::if_nametoindex(one.first.c_str()) != one.second;
         });
}

bool PolicyFile::is_being_written() const {
  return std::ranges::any_of(stamps, [](const FileStamp& stamp) {
    return xdpgate::is_being_written(stamp.path);
  });
}

PolicyFile read_policy_file(const std::string& path) {
  PolicyFile file;
  file.path = path;
  file.filter = in_utf8(std::filesystem::path(path).stem().string());
  // Before it is read: what comes later shows as a change.
  file.stamps.push_back(stamp_of(path));
  Diagnostics diagnostics;
  auto policy = read_policy_noting(file, diagnostics);
  if (policy && !diagnostics.has_errors()) {
    file.image = compile_here(*policy, file, diagnostics);
  }
  if (file.image) {
    // Whoever reads the log may be logged in from anywhere: no session.
    add_lockouts(find_lockouts(*policy, std::nullopt), *policy, path,
                 diagnostics);
  }
  file.findings = diagnostics.sorted();
  if (!file.image) return file;
  file.filter = policy->name;
  file.policy = std::move(policy);
  file.digest = ImageView(*file.image).digest();
  return file;
}

}  // namespace xdpgate
