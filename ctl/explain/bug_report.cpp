// SPDX-License-Identifier: GPL-2.0-only
#include "explain/bug_report.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text_file.h"

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

}  // namespace

Result<std::string> write_report(const std::string& parent,
                                 const ReportFiles& files) {
  auto path = make_directory_in(parent);
  if (!path) return path;
  for (const auto& [name, text] : files) {
    auto written = write_text_file(*path + "/" + name, text);
    if (!written) return failure(written.error());
  }
  return path;
}

}  // namespace xdpgate
