// SPDX-License-Identifier: GPL-2.0-only
#include "explain/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace xdpgate {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// The entity for a character of XML's own; empty: it stands for itself.
std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\n':
      return "&#10;";
    default:
      return {};
  }
}

// Text for an attribute or an element; what XML cannot hold is replaced.
std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const auto c = static_cast<unsigned char>(text[0]);
    const bool is_control = c < 0x20 && c != '\n' && c != '\t';
    if (size == 0 || is_control) {
      result += kReplacement;
    } else if (const auto known = entity(text[0]); !known.empty()) {
      result += known;
    } else {
      result += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

std::string case_xml(const std::string& suite, const std::string& file,
                     const TestRecord& record) {
  const TestResult& result = record.result;
  std::string xml = fmt::format(
      "  <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" "
      "time=\"{:.6f}\"",
      escaped(suite), escaped(test_name(*record.test)), escaped(file),
      record.test->at.line, result.seconds);
  if (result.passed()) return xml + "/>\n";
  const std::string message =
      fmt::format("{}", fmt::join(result.failures, "; "));
  return xml + fmt::format(
                   ">\n    <failure message=\"{}\">{}</failure>\n"
                   "  </testcase>\n",
                   escaped(message),
                   escaped(message + "\n" + result.excerpt));
}

}  // namespace

std::string test_name(const PolicyTest& test) {
  if (!test.name.empty()) return test.name;
  return test.packet.empty() ? test.pcap : test.packet;
}

std::string junit_xml(const std::string& suite, const std::string& file,
                      const std::vector<TestRecord>& records) {
  double seconds = 0;
  std::string cases;
  for (const TestRecord& record : records) {
    seconds += record.result.seconds;
    cases += case_xml(suite, file, record);
  }
  const auto failures = std::ranges::count_if(
      records, [](const TestRecord& r) { return !r.result.passed(); });
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
      "skipped=\"0\" time=\"{:.6f}\">\n{}</testsuite>\n",
      escaped(suite), records.size(), failures, seconds, cases);
}

}  // namespace xdpgate
