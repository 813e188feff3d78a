// SPDX-License-Identifier: GPL-2.0-only
#include "policy/set_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "policy/check.h"
#include "policy/check_number.h"

namespace xdpgate {
namespace {

constexpr const char* kOneALine =
    "one element a line; a comment starts with `#` or `;`";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool starts_comment(char c) { return c == '#' || c == ';'; }

// One run over the lines of a file.
class LineReader {
 public:
  LineReader(std::string_view text, const std::string& path,
             Diagnostics& diagnostics)
      : rest_(text), path_(path), diagnostics_(diagnostics) {
    if (rest_.starts_with(kByteOrderMark)) {
      rest_.remove_prefix(kByteOrderMark.size());
    }
  }

  // Hands every element to `parse`, what it makes of it to `keep`.
  template <class Parse, class Keep>
  void run(Parse parse, Keep keep) {
    while (!rest_.empty() && errors_ < kMaxSetFileCounted) {
      const Line line = split(next_line());
      if (line.element.empty()) continue;
      auto parsed = parse(line.element);
      if (!parsed) {
        refuse(line, parsed.error());
      } else if (!line.extra.empty()) {
        error(line, line.extra, stands_behind(line.extra));
      } else {
        keep(*parsed);
      }
    }
    finish();
  }

 private:
  std::string_view next_line() {
    ++line_;
    const void* end = std::memchr(rest_.data(), '\n', rest_.size());
    std::size_t size = end ? static_cast<std::size_t>(
                                 static_cast<const char*>(end) - rest_.data())
                           : rest_.size();
    std::string_view line = rest_.substr(0, size);
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    return line;
  }

  struct Line {
    std::string_view whole;
    std::string_view element;  // empty: there is none
    std::string_view extra;    // behind it, what is no comment either
  };

  static Line split(std::string_view line) {
    std::size_t start = 0;
    while (start < line.size() && is_blank(line[start])) ++start;
    std::size_t end = start;
    while (end < line.size() && !is_blank(line[end]) &&
           !starts_comment(line[end])) {
      ++end;
    }
    std::size_t behind = end;
    while (behind < line.size() && is_blank(line[behind])) ++behind;
    Line result{line, line.substr(start, end - start), {}};
    if (behind < line.size() && !starts_comment(line[behind])) {
      result.extra = trimmed(line.substr(behind));
    }
    return result;
  }

  // Comments may be in any encoding, elements are digits and letters.
  static bool is_text(std::string_view word) {
    return std::ranges::all_of(word,
                               [](char c) { return c > ' ' && c < 0x7f; });
  }

  static Complaint stands_behind(std::string_view extra) {
    return {fmt::format("{} stands behind the element", in_quotes(extra)),
            kOneALine};
  }

  void refuse(const Line& line, Complaint wrong) {
    if (!is_text(line.element)) {
      wrong = {"this is not text; the rest of the file is not read",
               "a set file is UTF-8 text, one element a line"};
      rest_ = {};
    } else if (line.element.find(',') != std::string_view::npos) {
      wrong.hint = kOneALine;  // and not YAML's list
    }
    error(line, line.element, wrong);
  }

  void error(const Line& line, std::string_view word,
             const Complaint& complaint) {
    Position at{line_, static_cast<int>(word.data() - line.whole.data()) + 1};
    if (++errors_ <= kMaxSetFileErrors) {
      diagnostics_.error(path_, at, complaint.message, complaint.hint);
    } else if (errors_ == kMaxSetFileErrors + 1) {
      first_hidden_ = at;
    }
  }

  void finish() {
    if (errors_ <= kMaxSetFileErrors) return;
    diagnostics_.error(
        path_, first_hidden_,
        fmt::format("and {} more wrong lines{}", errors_ - kMaxSetFileErrors,
                    rest_.empty() ? "" : " at least"));
  }

  std::string_view rest_;
  const std::string& path_;
  Diagnostics& diagnostics_;
  int line_ = 0;
  std::size_t errors_ = 0;
  Position first_hidden_;
};

}  // namespace

void AddressElements::add(const AddressRange& range) {
  if (range.family == Family::kIpv4) {
    v4.push_back({static_cast<std::uint32_t>(range.lo),
                  static_cast<std::uint32_t>(range.hi)});
  } else {
    v6.push_back({range.lo, range.hi});
  }
}

AddressSet AddressElements::take() {
  return {IntervalSet(std::exchange(v4, {})),
          IntervalSet(std::exchange(v6, {}))};
}

void read_address_file(std::string_view text, const std::string& path,
                       Diagnostics& diagnostics, AddressElements& elements) {
  LineReader(text, path, diagnostics)
      .run(parse_address_range,
           [&](const AddressRange& range) { elements.add(range); });
}

void read_port_file(std::string_view text, const std::string& path,
                    Diagnostics& diagnostics, PortElements& elements) {
  LineReader(text, path, diagnostics)
      .run([](auto word) { return parse_number_range(word, kPortField); },
           [&](const auto& range) { elements.push_back(range); });
}

}  // namespace xdpgate
