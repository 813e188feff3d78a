// SPDX-License-Identifier: GPL-2.0-only
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

namespace xdpgate {
namespace {

constexpr std::size_t kMaxQuotedBytes = 60;
// Longer words are not misspelt ones; also bounds the work of distance().
constexpr std::size_t kMaxWordBytes = 40;
// Shorter words are the beginning of too many others.
constexpr std::size_t kMinBeginning = 3;
// A word may have one letter wrong, and one more for so many of its own.
constexpr std::size_t kLettersAnEdit = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// U+0080 to U+009F are control characters as well: terminals obey them.
bool is_control(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0xff;
  };
  return byte(0) < 0x20 || byte(0) == 0x7f ||
         (byte(0) == 0xc2 && byte(1) < 0xa0);
}

// All of `text` as a number in `base`; saturates.
std::optional<std::uint64_t> whole_number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  auto [stop, fault] = std::from_chars(text.data(), end, value, base);
  if (stop != end) return std::nullopt;
  if (fault == std::errc::result_out_of_range) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  if (fault != std::errc()) return std::nullopt;
  return value;
}

// The candidate that `word` is the beginning of, if it is of one only.
std::optional<std::string_view> only_completion(
    std::string_view word, std::span<const std::string_view> candidates) {
  std::optional<std::string_view> found;
  if (word.size() < kMinBeginning) return found;
  for (std::string_view candidate : candidates) {
    if (!std::ranges::equal(word, candidate.substr(0, word.size()), {}, lower,
                            lower)) {
      continue;
    }
    if (found) return std::nullopt;
    found = candidate;
  }
  return found;
}

// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1),
      row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

NumberText read_number(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return {};
  if (text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x') {
    auto value = whole_number(text.substr(2), 16);
    return value ? NumberText{NumberForm::kHex, *value} : NumberText{};
  }
  auto value = whole_number(text, 10);
  if (!value) return {};
  bool padded = text.size() > 1 && text[0] == '0';
  return {padded ? NumberForm::kLeadingZero : NumberForm::kDecimal, *value};
}

std::size_t utf8_size(std::string_view text) {
  auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  unsigned lead = byte(0);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead >= 0xc2 && lead < 0xe0) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead < 0xf0) {
    bool overlong = lead == 0xe0 && byte(1) < 0xa0;
    bool surrogate = lead == 0xed && byte(1) >= 0xa0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead < 0xf5) {
    bool overlong = lead == 0xf0 && byte(1) < 0x90;
    bool beyond = lead == 0xf4 && byte(1) >= 0x90;
    bool whole = follows(1) && follows(2) && follows(3);
    return whole && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

std::string in_quotes(std::string_view text) {
  if (text.empty()) return "\"\"";
  std::string result = "`";
  std::size_t at = 0;
  while (at < text.size() && at < kMaxQuotedBytes) {
    const std::size_t size = utf8_size(text.substr(at));
    if (size == 0 || is_control(text.substr(at))) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
      ++at;
    } else {
      result += text.substr(at, size);
      at += size;
    }
  }
  return result + (at < text.size() ? "...`" : "`");
}

std::string quoted_words(std::span<const std::string_view> words) {
  std::string result;
  for (std::string_view word : words) {
    if (!result.empty()) result += ", ";
    result += in_quotes(word);
  }
  return result;
}

std::optional<std::string_view> nearest_word(
    std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kMaxWordBytes) return std::nullopt;
  auto best = only_completion(word, candidates);
  if (best) return best;
  std::size_t allowed = 1 + word.size() / kLettersAnEdit;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > word.size() + allowed ||
        word.size() > candidate.size() + allowed) {
      continue;
    }
    std::size_t edits = distance(word, candidate);
    // A word of which nothing is left is not the one that was meant.
    if (edits > allowed || edits >= candidate.size()) continue;
    best = candidate;
    if (edits == 0) break;
    allowed = edits - 1;
  }
  return best;
}

std::string nearest_hint(std::string_view word,
                         std::span<const std::string_view> candidates) {
  auto nearest = nearest_word(word, candidates);
  return nearest ? fmt::format("did you mean {}?", in_quotes(*nearest))
                 : std::string();
}

std::string shape_hint(std::string_view text) {
  auto has = [&](std::string_view any) {
    return text.find_first_of(any) != std::string_view::npos;
  };
  if (text == "any" || text == "all" || text == "*") {
    return "leave the key out to match everything";
  }
  if (text.starts_with('@')) return "a set cannot stand here";
  if (text.starts_with('!')) return "negation is written `{not: VALUE}`";
  if (has(",")) return "a list is written `[A, B]`";
  if (has(" \t")) {
    return has("-") ? "a range is written without blanks: `A-B`"
                    : "a list is written `[A, B]`";
  }
  bool digits = text.find_first_not_of("0123456789:-") == std::string::npos;
  if (digits && has(":-") && !text.starts_with('-')) {
    return "a range is two numbers: `A-B`";
  }
  return {};
}

bool is_word(std::string_view text, std::string_view others,
             std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [&](char c) {
           return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
                  others.find(c) != std::string_view::npos;
         });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace xdpgate
