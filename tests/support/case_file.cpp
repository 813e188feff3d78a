// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/case_file.h"

#include <fstream>
#include <ostream>
#include <stdexcept>

namespace xdpgate::test {
namespace {

constexpr std::string_view kName = "=== ";
constexpr std::string_view kThen = ">>>";

void end_lines(std::string& text) {
  text.erase(text.find_last_not_of('\n') + 1);
  if (!text.empty()) text += '\n';
}

}  // namespace

void PrintTo(const FileCase& file_case, std::ostream* out) {
  *out << file_case.name;
}

std::vector<FileCase> read_cases(const std::string& path) {
  std::ifstream file(std::string(XG_SOURCE_DIR "/tests/") + path);
  std::vector<FileCase> cases;
  std::string line;
  std::string* part = nullptr;
  while (std::getline(file, line)) {
    if (line.starts_with(kName)) {
      cases.push_back({line.substr(kName.size()), "", ""});
      part = &cases.back().input;
    } else if (line == kThen && part != nullptr) {
      part = &cases.back().expect;
    } else if (part != nullptr) {
      *part += line + "\n";
    }
  }
  if (cases.empty()) throw std::runtime_error("no cases in " + path);
  for (FileCase& each : cases) {
    end_lines(each.input);
    end_lines(each.expect);
  }
  return cases;
}

}  // namespace xdpgate::test
