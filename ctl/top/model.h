// SPDX-License-Identifier: GPL-2.0-only
// What `top` shows: rates out of two samples, which rules, in which order,
// from which on. Knows no terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "top/sample.h"

namespace xdpgate {

enum class SortKey : std::uint8_t {
  kPackets,  ///< packets a second
  kBytes,    ///< bytes a second
  kOver,     ///< packets a second beyond the limit
  kTotal,    ///< packets since the rule got its name
  kName,
  kPolicy,  ///< the order of the policy
};
constexpr int kSortKeys = 6;

/// "packets/s", "bytes/s", "over/s", "packets", "name", "policy".
[[nodiscard]] const char* sort_key_name(SortKey key);
/// The key of that name.
[[nodiscard]] std::optional<SortKey> sort_key_of(std::string_view name);

/// Per second, over the last interval.
struct RowRate {
  double packets = 0;
  double bytes = 0;
  double over = 0;  ///< packets
};

/// One rule, or the default, or a class of malformed packets.
struct TopRow {
  std::string_view name;
  std::string_view action;
  RowRate rate;
  double share = 0;  ///< of all packets of the interval, 0 to 1
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

class TopModel {
 public:
  /// Takes the next sample; rates are those since the one before. Rules are
  /// followed by name, so that a new policy does not disturb them.
  void update(Sample sample);
  /// The instance cannot be read: what was read last stays, with this message,
  /// until the next update().
  void fail(std::string message) { message_ = std::move(message); }

  void sort_by(SortKey key);
  /// The next key, or the one before.
  void sort_by_next(int step);
  void reverse();
  /// Only rows whose name or action has `text` in it; case does not count.
  void set_filter(std::string text);
  /// Whether to leave out what counted nothing in the last interval.
  void hide_idle(bool hide);

  /// How many rows are on the screen.
  void set_page(std::size_t rows);
  void scroll_by(std::ptrdiff_t rows);
  void scroll_to(std::size_t row);

  [[nodiscard]] const Sample& sample() const { return sample_; }
  /// Whether there were two samples to take rates from.
  [[nodiscard]] bool has_rates() const { return interval_s_ > 0; }
  [[nodiscard]] RowRate total_rate() const { return total_; }
  /// Share of each verdict in the interval's packets, 0 to 1.
  [[nodiscard]] std::map<std::string, double> verdict_shares() const;
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] SortKey sort_key() const { return key_; }
  [[nodiscard]] bool is_reversed() const { return reversed_; }
  [[nodiscard]] bool hides_idle() const { return hide_idle_; }
  [[nodiscard]] const std::string& filter() const { return filter_; }
  [[nodiscard]] std::size_t page() const { return page_; }
  /// The row at the top of the screen.
  [[nodiscard]] std::size_t first() const { return first_; }
  /// Rows that are left by filter and hide_idle().
  [[nodiscard]] std::size_t shown() const { return order_.size(); }
  /// The `index`th of them.
  [[nodiscard]] TopRow row(std::size_t index) const;

 private:
  void take_rates(const Sample& before);
  [[nodiscard]] std::vector<std::size_t> places_in(const Sample& before) const;
  [[nodiscard]] bool is_shown(std::size_t place) const;
  [[nodiscard]] double value_of(std::size_t place) const;
  void arrange();
  void clamp();

  Sample sample_;
  double interval_s_ = 0;
  std::vector<RowRate> rates_;  // by place in the sample
  RowRate total_;
  std::map<std::string, double> verdict_rates_;
  std::string message_;

  SortKey key_ = SortKey::kPackets;
  bool reversed_ = false;
  bool hide_idle_ = false;
  std::string filter_;              // as typed
  std::vector<std::uint32_t> order_;  // places, as shown
  std::size_t first_ = 0, page_ = 1;
};

}  // namespace xdpgate
