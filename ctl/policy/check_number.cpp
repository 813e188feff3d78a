// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_number.h"

#include <fmt/format.h>

#include <algorithm>

namespace xdpgate {
namespace {

bool starts_with_digit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

std::string range_hint(const NumberField& field) {
  return fmt::format("{} is a number 0-{}{}", field.what, field.max,
                     field.names ? " or a name" : "");
}

std::unexpected<Complaint> not_a_number(std::string_view text,
                                        const NumberField& field) {
  std::string hint;
  if (field.names) hint = nearest_hint(text, field.names().names());
  if (text.find_first_of(" \t") != std::string_view::npos) {
    hint = "a range is written without blanks";
  }
  if (text.starts_with('@')) hint = "a set cannot stand here";
  if (hint.empty()) hint = range_hint(field);
  return complaint(fmt::format("{} is not {}", in_quotes(text), field.what),
                   hint);
}

}  // namespace

Parsed<std::uint32_t> parse_number(std::string_view text,
                                   const NumberField& field) {
  NumberText number = read_number(text);
  if (number.form == NumberForm::kNone) return not_a_number(text, field);
  if (number.form == NumberForm::kLeadingZero) {
    return complaint(fmt::format("{} has a leading zero", in_quotes(text)),
                     fmt::format("write `{}`", number.value));
  }
  if (number.form == NumberForm::kHex && !field.hex) {
    return complaint(fmt::format("{} is hexadecimal, which {} cannot be",
                                 in_quotes(text), field.what),
                     fmt::format("write `{}`", number.value));
  }
  if (number.value > field.max) {
    return complaint(
        fmt::format("{} is out of range for {}", in_quotes(text), field.what),
        range_hint(field));
  }
  return static_cast<std::uint32_t>(number.value);
}

Parsed<Interval<std::uint32_t>> parse_number_range(std::string_view text,
                                                   const NumberField& field) {
  if (field.names) {
    if (auto named = field.names().number(text)) {
      return Interval<std::uint32_t>{*named, *named};
    }
  }
  std::size_t dash = text.find('-');
  bool is_range = dash != std::string_view::npos && starts_with_digit(text) &&
                  starts_with_digit(text.substr(dash + 1));
  auto lo = parse_number(is_range ? text.substr(0, dash) : text, field);
  if (!lo) return std::unexpected(lo.error());
  if (!is_range) return Interval<std::uint32_t>{*lo, *lo};
  auto hi = parse_number(text.substr(dash + 1), field);
  if (!hi) return std::unexpected(hi.error());
  if (*hi < *lo) {
    return complaint(fmt::format("the range {} is empty", in_quotes(text)),
                     fmt::format("write `{}-{}`", *hi, *lo));
  }
  return Interval<std::uint32_t>{*lo, *hi};
}

}  // namespace xdpgate
