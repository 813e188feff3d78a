// SPDX-License-Identifier: GPL-2.0-only
#include "explain/bug_report.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/fd.h"

namespace xdpgate {
namespace {

constexpr int kMostReports = 1000;  // in one directory

Result<std::string> make_directory_in(const std::string& parent) {
  std::string path;
  for (int number = 1; number <= kMostReports; ++number) {
    path = fmt::format("{}/xdpgate-report-{}", parent, number);
    if (::mkdir(path.c_str(), 0700) == 0) return path;
    if (errno != EEXIST) break;
  }
  return failure(system_error("make", path, errno));
}

Result<void> write_file(const std::string& path, std::string_view text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                     0600));
  if (!fd) return failure(system_error("create", path, errno));
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(system_error("write", path, errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> write_report(const std::string& parent,
                                 const ReportFiles& files) {
  auto path = make_directory_in(parent);
  if (!path) return path;
  for (const auto& [name, text] : files) {
    auto written = write_file(*path + "/" + name, text);
    if (!written) return failure(written.error());
  }
  return path;
}

}  // namespace xdpgate
