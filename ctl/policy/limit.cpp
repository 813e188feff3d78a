// SPDX-License-Identifier: GPL-2.0-only
#include "policy/limit.h"

#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <algorithm>

#include "policy/duration.h"

namespace xdpgate {
namespace {

// Tokens are `times` / `per` of what the word counts.
struct Unit {
  std::string_view word;
  std::uint64_t times, per;
};
constexpr Unit kByteUnits[] = {
    {"B", 1, 1},          {"kB", 1'000, 1},     {"MB", 1'000'000, 1},
    {"GB", 1'000'000'000, 1}, {"KiB", 1 << 10, 1},  {"MiB", 1 << 20, 1},
    {"GiB", 1 << 30, 1},  {"bit", 1, 8},        {"kbit", 1'000, 8},
    {"Mbit", 1'000'000, 8}, {"Gbit", 1'000'000'000, 8}};

struct Period {
  std::string_view word, other;
  std::uint64_t ns;
};
constexpr Period kPeriods[] = {{"s", "second", kSecondNs},
                               {"m", "minute", 60 * kSecondNs},
                               {"h", "hour", 3'600 * kSecondNs},
                               {"d", "day", 86'400 * kSecondNs}};

constexpr std::uint64_t kMost = 1'000'000'000'000;
constexpr const char* kRateHint =
    "a rate is written like 2000/s, 5/m, 10MB/s or 100Mbit/s";
constexpr const char* kAmountHint =
    "packets like 4000, or bytes like 512kB, 1MB, 2MiB, 100Mbit";

Parsed<Amount> not_an_amount(std::string_view text) {
  return complaint(fmt::format("{} is not an amount", in_quotes(text)),
                   kAmountHint);
}

Parsed<Amount> amount_of(std::uint64_t number, const Unit& unit,
                         std::string_view text) {
  if (number > kMost / unit.times) {
    return complaint(fmt::format("{} is too much", in_quotes(text)));
  }
  const std::uint64_t count = number * unit.times / unit.per;
  if (count > 0) return Amount{count, true};
  return complaint(fmt::format("{} is no whole byte", in_quotes(text)),
                   kAmountHint);
}

}  // namespace

Parsed<Amount> parse_amount(std::string_view text) {
  const std::size_t digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  const NumberText number = read_number(text.substr(0, digits));
  if (number.form != NumberForm::kDecimal) return not_an_amount(text);
  if (number.value == 0) {
    return complaint(fmt::format("{} is nothing", in_quotes(text)),
                     kAmountHint);
  }
  const std::string_view word = text.substr(digits);
  if (!word.empty()) {
    const auto unit = std::ranges::find(kByteUnits, word, &Unit::word);
    if (unit == std::end(kByteUnits)) return not_an_amount(text);
    return amount_of(number.value, *unit, text);
  }
  if (number.value > kMost) {
    return complaint(fmt::format("{} is too much", in_quotes(text)));
  }
  return Amount{number.value, false};
}

Parsed<Rate> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    const bool is_amount = parse_amount(text).has_value();
    return complaint(
        fmt::format("{} is not a rate", in_quotes(text)),
        is_amount ? fmt::format("write `{}/s` for a second", text) : kRateHint);
  }
  const std::string_view word = text.substr(slash + 1);
  const auto period = std::ranges::find_if(kPeriods, [&](const Period& p) {
    return word == p.word || word == p.other;
  });
  const auto amount = parse_amount(text.substr(0, slash));
  if (!amount || period == std::end(kPeriods)) {
    return complaint(fmt::format("{} is not a rate", in_quotes(text)),
                     kRateHint);
  }
  return Rate{*amount, period->ns};
}

std::string rate_text(const Limit& limit) {
  const auto period = std::ranges::find(kPeriods, limit.period_ns, &Period::ns);
  return fmt::format("{}{}/{}", limit.rate, limit.bytes ? "B" : "",
                     period == std::end(kPeriods) ? "s" : period->word);
}

std::uint64_t limit_cost(const Limit& limit) {
  return limit.period_ns * XG_LIMIT_UNITS / limit.rate;
}

std::uint64_t limit_depth(const Limit& limit) {
  return limit_cost(limit) * limit.burst;
}

}  // namespace xdpgate
