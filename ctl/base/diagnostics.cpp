// SPDX-License-Identifier: GPL-2.0-only
#include "base/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace xdpgate {

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "";
}

std::string Diagnostic::text() const {
  std::string where = file;
  if (at.line > 0) where += fmt::format(":{}:{}", at.line, at.column);
  std::string result =
      fmt::format("{}: {}: {}", where, severity_name(severity), message);
  if (!witness.empty()) result += fmt::format("\n  packet: {}", witness);
  if (!hint.empty()) result += fmt::format("\n  hint: {}", hint);
  return result;
}

void Diagnostics::begin_file(const std::string& file) {
  file_order_.emplace(file, file_order_.size());
}

void Diagnostics::add(Diagnostic diagnostic) {
  begin_file(diagnostic.file);
  if (diagnostic.severity == Severity::kError) ++errors_;
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(const std::string& file, Position at,
                        std::string message, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.file = file;
  diagnostic.at = at;
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  add(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  auto result = all_;
  std::stable_sort(result.begin(), result.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) {
                     return std::tuple(file_order_.at(a.file), a.at) <
                            std::tuple(file_order_.at(b.file), b.at);
                   });
  return result;
}

}  // namespace xdpgate
