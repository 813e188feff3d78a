// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_number.h"

#include <fmt/format.h>

#include <algorithm>

namespace xdpgate {
namespace {

bool is_number(std::string_view text) {
  return read_number(text).form != NumberForm::kNone;
}

std::string range_hint(const NumberField& field) {
  return fmt::format("{} is a number 0-{}{}", field.what, field.max,
                     field.names ? " or a name" : field.also);
}

std::unexpected<Complaint> not_a_number(std::string_view text,
                                        const NumberField& field) {
  std::string hint = shape_hint(text);
  if (hint.empty() && field.names) {
    hint = nearest_hint(text, field.names().names());
  }
  if (hint.empty()) hint = range_hint(field);
  return complaint(fmt::format("{} is not {}", in_quotes(text), field.what),
                   hint);
}

Parsed<Interval<std::uint32_t>> parse_ends(std::string_view first,
                                           std::string_view last,
                                           const NumberField& field) {
  auto lo = parse_number(first, field);
  if (!lo) return std::unexpected(lo.error());
  auto hi = parse_number(last, field);
  if (!hi) return std::unexpected(hi.error());
  if (*lo <= *hi) return Interval<std::uint32_t>{*lo, *hi};
  return complaint(
      fmt::format("the range {} is empty",
                  in_quotes(fmt::format("{}-{}", first, last))),
      fmt::format("write {}", in_quotes(fmt::format("{}-{}", last, first))));
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
  bool is_range = dash != std::string_view::npos &&
                  is_number(text.substr(0, dash)) &&
                  is_number(text.substr(dash + 1));
  if (is_range) {
    return parse_ends(text.substr(0, dash), text.substr(dash + 1), field);
  }
  auto number = parse_number(text, field);
  if (!number) return std::unexpected(number.error());
  return Interval<std::uint32_t>{*number, *number};
}

}  // namespace xdpgate
