// SPDX-License-Identifier: GPL-2.0-only
#include "top/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <string_view>

namespace xdpgate {
namespace {

constexpr std::size_t kNarrowestName = 12;
constexpr std::size_t kSmallestLines = 4;  // head, a row, status, keys
constexpr std::size_t kTallLines = 10;     // from where on all is shown

// What stands above the rows, and below.
constexpr std::size_t kAboveIfTall = 5, kAboveIfLow = 2, kBelow = 1;

constexpr const char* kKeys =
    "q quit  / filter  s sort  r reverse  i idle  u unit  space pause  h help";

constexpr const char* kHelp[] = {
    "q               quit",
    "up down j k     scroll by a row",
    "page up, down   scroll by a page",
    "home end g G    to the first row, to the last",
    "s < >           sort by the next column, the one before or behind",
    "p b v t n o     sort by packets/s, bytes/s, over/s, packets, name, policy",
    "r               reverse",
    "/               only rules whose name or action has this text in it",
    "escape          all rules again",
    "i               leave out what counted nothing in the last interval",
    "u               bits or bytes a second",
    "space           pause",
    "h ?             this help; any key ends it",
};

// A column behind the name; those that come later go first where it is narrow.
struct Column {
  const char* title;
  std::size_t width;
  std::function<std::string(const TopRow&)> cell;
  bool left = false;
};

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

std::vector<Column> columns_of(const TopModel& model, const ScreenState& state) {
  const bool bits = state.in_bits;
  const bool rates = model.has_rates();
  const auto rate = [rates](double value) {
    return rates ? short_number(value) : "-";
  };
  std::vector<Column> columns = {
      {"PKT/S", 7, [=](const TopRow& r) { return rate(r.rate.packets); }},
      {bits ? "BIT/S" : "BYTE/S", 7,
       [=](const TopRow& r) { return rate(r.rate.bytes * (bits ? 8 : 1)); }},
      {"SHARE", 7,
       [=](const TopRow& r) { return rates ? percent(r.share) : "-"; }},
      {"ACTION", 9, [](const TopRow& r) { return std::string(r.action); }},
      {"PACKETS", 8,
       [](const TopRow& r) {
         return short_number(static_cast<double>(r.packets));
       }},
      {"BYTES", 7, [](const TopRow& r) {
         return short_number(static_cast<double>(r.bytes));
       }}};
  if (model.sample().counted && model.sample().counted->has_limits) {
    columns.insert(columns.begin() + 3,
                   {"OVER/S", 7, [=](const TopRow& r) {
                      return rate(r.rate.over);
                    }});
  }
  return columns;
}

// `text` in `width` columns, cut with a mark.
std::string fitted(std::string_view text, std::size_t width) {
  if (text.size() <= width) return fmt::format("{:<{}}", text, width);
  if (width == 0) return "";
  return std::string(text.substr(0, width - 1)) + "~";
}

// The words of several texts, as many as fit, two blanks between them.
std::string joined(const std::vector<std::string>& texts, std::size_t width) {
  std::string line;
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    line += (line.empty() ? "" : "  ") + text;
  }
  return line.size() > width ? fitted(line, width) : line;
}

// Lays rows out in the columns that fit.
class Table {
 public:
  Table(const TopModel& model, const ScreenState& state, std::size_t width)
      : width_(width), columns_(columns_of(model, state)) {
    std::size_t all = 0;
    for (const Column& column : columns_) all += column.width;
    while (columns_.size() > 1 && all + kNarrowestName > width) {
      all -= columns_.back().width;
      columns_.pop_back();
    }
    name_width_ = width > all ? width - all : 0;
  }

  std::string head() const {
    std::string line = fitted("RULE", name_width_);
    for (const Column& column : columns_) {
      line += fmt::format("{:>{}}", column.title, column.width);
    }
    return line.substr(0, width_);
  }
  std::string line(const TopRow& row) const {
    std::string line = fitted(row.name, name_width_);
    for (const Column& column : columns_) {
      line += fmt::format("{:>{}}", column.cell(row), column.width);
    }
    return line.substr(0, width_);
  }

 private:
  std::size_t width_, name_width_ = 0;
  std::vector<Column> columns_;
};

std::string title_line(const TopModel& model, std::size_t width) {
  const Sample& sample = model.sample();
  const std::size_t rules = sample.counted ? sample.counted->rule_count : 0;
  return joined({sample.instance,
                 fmt::format("generation {}", sample.generation),
                 fmt::format("{} {}", rules, rules == 1 ? "rule" : "rules")},
                width);
}

std::string totals_line(const TopModel& model, const ScreenState& state,
                        std::size_t width) {
  if (!model.has_rates()) return "rates come with the next reading";
  const RowRate total = model.total_rate();
  std::vector<std::string> words = {
      short_number(total.packets) + " packets/s",
      state.in_bits ? short_number(8 * total.bytes) + " bits/s"
                    : short_number(total.bytes) + " bytes/s"};
  for (const auto& [verdict, share] : model.verdict_shares()) {
    if (share > 0) words.push_back(verdict + " " + percent(share));
  }
  return joined(words, width);
}

std::string status_line(const TopModel& model, const ScreenState& state,
                        std::size_t width) {
  if (state.typing) return joined({"filter: " + model.filter() + "_"}, width);
  if (!model.message().empty()) return joined({model.message()}, width);
  return joined(
      {fmt::format("by {}{}", sort_key_name(model.sort_key()),
                   model.is_reversed() ? ", reversed" : ""),
       model.filter().empty() ? "" : "filter: " + model.filter(),
       model.hides_idle() ? "without idle" : "",
       fmt::format("rows {}-{} of {}",
                   std::min(model.first() + 1, model.shown()),
                   std::min(model.first() + model.page(), model.shown()),
                   model.shown()),
       state.paused ? "PAUSED" : fmt::format("every {:g} s", state.interval_s)},
      width);
}

void add_help(std::size_t width, std::vector<ScreenLine>& lines) {
  for (const char* line : kHelp) {
    lines.push_back({std::string(line).substr(0, width)});
  }
}

void add_rows(const TopModel& model, const Table& table,
              std::vector<ScreenLine>& lines) {
  const std::size_t end =
      std::min(model.first() + model.page(), model.shown());
  for (std::size_t i = model.first(); i < end; ++i) {
    lines.push_back({table.line(model.row(i))});
  }
}

}  // namespace

std::string short_number(double value) {
  constexpr const char* kUnits[] = {"", "k", "M", "G", "T", "P", "E"};
  if (value < 9.95) {
    const bool whole = std::abs(value - std::round(value)) < 0.05;
    return fmt::format("{:.{}f}", value, whole ? 0 : 1);
  }
  if (value < 999.5) return fmt::format("{:.0f}", value);
  std::size_t unit = 0;
  // What three digits round up to belongs to the next unit.
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", value, decimals, kUnits[unit]);
}

std::size_t page_of(const ScreenSize& size) {
  const std::size_t above =
      size.lines >= kTallLines ? kAboveIfTall : kAboveIfLow;
  return size.lines > above + kBelow ? size.lines - above - kBelow : 1;
}

std::vector<ScreenLine> screen_of(const TopModel& model,
                                  const ScreenState& state,
                                  const ScreenSize& size) {
  const std::size_t width = size.columns;
  if (size.lines < kSmallestLines || width < kNarrowestName) {
    return {{std::string("too small").substr(0, width)}};
  }
  std::vector<ScreenLine> lines;
  if (size.lines >= kTallLines) {
    lines.push_back({title_line(model, width), Style::kBold});
    lines.push_back({fitted(model.sample().interfaces, width)});
    lines.push_back({totals_line(model, state, width)});
  }
  lines.push_back({status_line(model, state, width)});
  const Table table(model, state, width);
  lines.push_back({table.head(), Style::kReverse});
  if (state.help) {
    add_help(width, lines);
  } else {
    add_rows(model, table, lines);
  }
  lines.resize(size.lines - kBelow);
  lines.push_back({fitted(kKeys, width), Style::kReverse});
  return lines;
}

}  // namespace xdpgate
