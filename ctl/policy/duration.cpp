// SPDX-License-Identifier: GPL-2.0-only
#include "policy/duration.h"

#include <fmt/format.h>

#include <algorithm>

namespace xdpgate {
namespace {

struct Unit {
  std::string_view word;
  std::uint64_t ns;
};
constexpr Unit kUnits[] = {
    {"w", 604'800 * kSecondNs}, {"d", 86'400 * kSecondNs},
    {"h", 3'600 * kSecondNs},   {"m", 60 * kSecondNs},
    {"s", kSecondNs},           {"ms", 1'000'000},
};
constexpr const char* kHint = "a time is written like 90s, 10m or 1h30m; "
                              "units are ms, s, m, h, d, w";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take(std::string_view& text, bool digits) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size]) == digits) ++size;
  std::string_view part = text.substr(0, size);
  text.remove_prefix(size);
  return part;
}

std::unexpected<Complaint> no_time(std::string_view text) {
  if (read_number(text).form == NumberForm::kDecimal) {
    return complaint(fmt::format("{} has no unit of time", in_quotes(text)),
                     fmt::format("write `{}s` for seconds", text));
  }
  return complaint(fmt::format("{} is not a time", in_quotes(text)), kHint);
}

}  // namespace

Parsed<std::uint64_t> parse_duration(std::string_view text) {
  std::uint64_t sum = 0;
  std::uint64_t last_unit = ~std::uint64_t{0};
  for (std::string_view rest = text; !rest.empty();) {
    const NumberText number = read_number(take(rest, true));
    const auto unit = std::ranges::find(kUnits, take(rest, false), &Unit::word);
    if (number.form != NumberForm::kDecimal || unit == std::end(kUnits) ||
        unit->ns >= last_unit) {
      return no_time(text);
    }
    last_unit = unit->ns;
    if (number.value > (kLongestDurationNs - sum) / unit->ns) {
      return complaint(
          fmt::format("{} is longer than ten years", in_quotes(text)));
    }
    sum += number.value * unit->ns;
  }
  return sum > 0 ? Parsed<std::uint64_t>(sum) : no_time(text);
}

std::string duration_text(std::uint64_t ns) {
  std::uint64_t rest = (ns + kSecondNs - 1) / kSecondNs * kSecondNs;
  std::string text;
  int parts = 0;
  for (const Unit& unit : kUnits) {
    if (unit.ns < kSecondNs || parts == 2) break;
    if (parts == 0 && rest < unit.ns) continue;
    ++parts;
    if (rest >= unit.ns) text += fmt::format("{}{}", rest / unit.ns, unit.word);
    rest %= unit.ns;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace xdpgate
