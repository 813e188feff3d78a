// SPDX-License-Identifier: GPL-2.0-only
#include "top/model.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace xdpgate {
namespace {

constexpr const char* kNames[kSortKeys] = {"packets/s", "bytes/s", "over/s",
                                           "packets",   "name",    "policy"};

constexpr std::size_t kNowhere = ~std::size_t{0};

// A count that is smaller than before began anew.
double per_second(std::uint64_t now, std::uint64_t before, double seconds) {
  return static_cast<double>(now >= before ? now - before : now) / seconds;
}

RowRate rate_between(const xg_counter& now, const xg_counter& before,
                  double seconds) {
  return {per_second(now.packets, before.packets, seconds),
          per_second(now.bytes, before.bytes, seconds), 0};
}

bool has_in_it(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     same) != text.end();
}

}  // namespace

const char* sort_key_name(SortKey key) {
  return kNames[static_cast<std::size_t>(key)];
}

std::optional<SortKey> sort_key_of(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<SortKey>(found - std::begin(kNames));
}

void TopModel::update(Sample sample) {
  const Sample before = std::exchange(sample_, std::move(sample));
  interval_s_ = before.counted ? sample_.time_s - before.time_s : 0;
  rates_.assign(sample_.counts.size(), RowRate());
  total_ = RowRate();
  verdict_rates_.clear();
  message_.clear();
  if (has_rates()) take_rates(before);
  arrange();
}

// Where each of the present names was; kNowhere: it is new.
std::vector<std::size_t> TopModel::places_in(const Sample& before) const {
  std::vector<std::size_t> places(sample_.counts.size(), kNowhere);
  if (before.counted == sample_.counted) {
    std::iota(places.begin(), places.end(), std::size_t{0});
    return places;
  }
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < before.counts.size(); ++i) {
    by_name.emplace(before.counted->names[i], i);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto found = by_name.find(sample_.counted->names[i]);
    if (found != by_name.end()) places[i] = found->second;
  }
  return places;
}

void TopModel::take_rates(const Sample& before) {
  const auto places = places_in(before);
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    const bool known = places[i] != kNowhere;
    const xg_counter old = known ? before.counts[places[i]] : xg_counter{};
    const xg_counter over = known ? before.over[places[i]] : xg_counter{};
    rates_[i] = rate_between(sample_.counts[i], old, interval_s_);
    rates_[i].over =
        per_second(sample_.over[i].packets, over.packets, interval_s_);
  }
  for (const auto& [name, counter] : sample_.verdicts) {
    const auto old = before.verdicts.find(name);
    const RowRate rate = rate_between(
        counter, old == before.verdicts.end() ? xg_counter{} : old->second,
        interval_s_);
    verdict_rates_[name] = rate.packets;
    total_.packets += rate.packets;
    total_.bytes += rate.bytes;
  }
}

std::map<std::string, double> TopModel::verdict_shares() const {
  std::map<std::string, double> shares;
  for (const auto& [name, packets] : verdict_rates_) {
    shares[name] = total_.packets > 0 ? packets / total_.packets : 0;
  }
  return shares;
}

bool TopModel::is_shown(std::size_t place) const {
  const CountedNames& counted = *sample_.counted;
  const bool is_class = place > counted.rule_count;
  if (is_class && sample_.counts[place].packets == 0) return false;
  if (hide_idle_ && has_rates() && rates_[place].packets == 0) return false;
  return filter_.empty() || has_in_it(counted.names[place], filter_) ||
         has_in_it(counted.actions[place], filter_);
}

double TopModel::value_of(std::size_t place) const {
  switch (key_) {
    case SortKey::kPackets:
      return rates_[place].packets;
    case SortKey::kBytes:
      return rates_[place].bytes;
    case SortKey::kOver:
      return rates_[place].over;
    default:
      return static_cast<double>(sample_.counts[place].packets);
  }
}

// Numbers fall and names rise, unless reversed; equal ones stay in the order
// of the policy.
void TopModel::arrange() {
  order_.clear();
  for (std::uint32_t i = 0; i < sample_.counts.size(); ++i) {
    if (is_shown(i)) order_.push_back(i);
  }
  if (key_ == SortKey::kName) {
    std::ranges::stable_sort(order_, {}, [&](std::uint32_t i) {
      return std::string_view(sample_.counted->names[i]);
    });
  } else if (key_ != SortKey::kPolicy) {
    std::ranges::stable_sort(order_, std::ranges::greater{},
                             [&](std::uint32_t i) { return value_of(i); });
  }
  if (reversed_) std::ranges::reverse(order_);
  clamp();
}

void TopModel::sort_by(SortKey key) {
  reversed_ = false;
  key_ = key;
  arrange();
}

void TopModel::sort_by_next(int step) {
  const int next = static_cast<int>(key_) + step + kSortKeys;
  sort_by(static_cast<SortKey>(next % kSortKeys));
}

void TopModel::reverse() {
  reversed_ = !reversed_;
  arrange();
}

void TopModel::set_filter(std::string text) {
  filter_ = std::move(text);
  first_ = 0;
  arrange();
}

void TopModel::hide_idle(bool hide) {
  hide_idle_ = hide;
  arrange();
}

void TopModel::set_page(std::size_t rows) {
  page_ = std::max<std::size_t>(rows, 1);
  clamp();
}

void TopModel::scroll_by(std::ptrdiff_t rows) {
  const auto to = static_cast<std::ptrdiff_t>(first_) + rows;
  scroll_to(static_cast<std::size_t>(std::max<std::ptrdiff_t>(to, 0)));
}

void TopModel::scroll_to(std::size_t row) {
  first_ = row;
  clamp();
}

// The last page is a full one where there are that many rows.
void TopModel::clamp() {
  const std::size_t last = order_.size() > page_ ? order_.size() - page_ : 0;
  first_ = std::min(first_, last);
}

TopRow TopModel::row(std::size_t index) const {
  const std::uint32_t place = order_[index];
  const xg_counter& counter = sample_.counts[place];
  const RowRate& rate = rates_[place];
  return {sample_.counted->names[place],
          sample_.counted->actions[place],
          rate,
          total_.packets > 0 ? rate.packets / total_.packets : 0,
          counter.packets,
          counter.bytes};
}

}  // namespace xdpgate
