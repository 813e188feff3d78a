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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
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

std::string in_quotes(std::string_view text) {
  std::string result = "`";
  bool cut = text.size() > kMaxQuotedBytes;
  std::size_t size = cut ? kMaxQuotedBytes : text.size();
  while (cut && size > 0 && is_continuation(text[size])) --size;
  for (char c : text.substr(0, size)) {
    if (is_control(c)) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + (cut ? "...`" : "`");
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
  std::optional<std::string_view> best;
  if (word.size() > kMaxWordBytes) return best;
  std::size_t allowed = word.size() < 3 ? 1 : 1 + word.size() / 4;
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
