// SPDX-License-Identifier: GPL-2.0-only
// Putting services together: fewer rules for the same packets.
#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "suggest/proposal.h"

namespace xdpgate {
namespace {

// The network of length `length` (of `width` bits) that holds each interval
// end, where two or more addresses of the set are in it.
template <class T>
IntervalSet<T> widened(const IntervalSet<T>& set, unsigned length,
                       unsigned width) {
  if (length >= width) return set;
  const T host = length == 0 ? static_cast<T>(~T{0})
                             : (T{1} << (width - length)) - 1;
  std::vector<Interval<T>> result;
  const auto& all = set.intervals();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const T network = all[i].lo & ~host;
    const bool wide = all[i].lo != all[i].hi;
    const bool shared = (i > 0 && (all[i - 1].hi & ~host) == network) ||
                        (i + 1 < all.size() &&
                         (all[i + 1].lo & ~host) == network);
    if (wide || shared) {
      result.push_back({network, static_cast<T>(all[i].hi | host)});
    } else {
      result.push_back(all[i]);
    }
  }
  return IntervalSet<T>(std::move(result));
}

void widen(AddressSet& set, const ProposalOptions& options) {
  set.v4 = widened(set.v4, options.prefix4, 32);
  set.v6 = widened(set.v6, options.prefix6, 128);
}

// A side with more talkers than may be listed is anybody's.
void open_up(AddressSet& set, bool& any, const ProposalOptions& options) {
  any = any || set.v4.size() + set.v6.size() > options.max_talkers;
  if (any) set = {};
}

void fit_talkers(Service& service, const ProposalOptions& options) {
  widen(service.src, options);
  widen(service.dst, options);
  open_up(service.src, service.any_src, options);
  open_up(service.dst, service.any_dst, options);
}

AddressSet united(const AddressSet& a, const AddressSet& b) {
  return {a.v4.united(b.v4), a.v6.united(b.v6)};
}

void merge(Service& into, const Service& other) {
  into.numbers = into.numbers.united(other.numbers);
  into.src = united(into.src, other.src);
  into.dst = united(into.dst, other.dst);
  into.any_src = into.any_src || other.any_src;
  into.any_dst = into.any_dst || other.any_dst;
  if (into.any_src) into.src = {};
  if (into.any_dst) into.dst = {};
  into.free_ports = into.free_ports && other.free_ports;
  into.packets += other.packets;
}

template <class T>
void append_bytes(std::string& text, const T& value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
void append_set(std::string& text, const IntervalSet<T>& set) {
  append_bytes(text, set.size());
  for (const auto& [lo, hi] : set.intervals()) {
    append_bytes(text, lo);
    append_bytes(text, hi);
  }
}

// The same for services of one kind with the same talkers, and only for those.
std::string likeness(const Service& service) {
  std::string text;
  append_bytes(text, service.kind);
  if (service.kind == ServiceKind::kEthertype) {
    append_set(text, service.numbers);  // no talkers: each is by itself
  }
  append_bytes(text, service.family ? int(*service.family) : -1);
  append_bytes(text, service.protocol ? int(*service.protocol) : -1);
  for (const bool flag :
       {service.any_src, service.any_dst, service.free_ports}) {
    append_bytes(text, flag);
  }
  for (const AddressSet* side : {&service.src, &service.dst}) {
    append_set(text, side->v4);
    append_set(text, side->v6);
  }
  return text;
}

// Merges services of which `key_of` says the same; in the order of the first.
template <class KeyOf>
std::vector<Service> merged(std::span<const Service> services,
                            const KeyOf& key_of) {
  std::vector<Service> result;
  std::map<decltype(key_of(services[0])), std::size_t> places;
  for (const Service& service : services) {
    const auto [at, is_new] = places.emplace(key_of(service), result.size());
    if (is_new) {
      result.push_back(service);
    } else {
      merge(result[at->second], service);
    }
  }
  return result;
}

// All but the busiest `kept`, one service a kind.
std::vector<Service> with_rest_merged(std::span<const Service> services,
                                      std::size_t kept) {
  const auto busiest = services.first(kept);
  std::vector<Service> result(busiest.begin(), busiest.end());
  const auto rest = merged(services.subspan(kept), [](const Service& service) {
    return std::tuple(service.kind, service.family, service.protocol);
  });
  result.insert(result.end(), rest.begin(), rest.end());
  return result;
}

}  // namespace

std::vector<Service> summed_up(std::vector<Service> services,
                               const ProposalOptions& options) {
  for (Service& service : services) fit_talkers(service, options);
  services = merged(services, likeness);
  std::ranges::stable_sort(services, std::greater(), &Service::packets);
  std::vector<Service> result = services;
  for (std::size_t kept = options.max_rules; result.size() > options.max_rules;
       kept -= std::min(kept, result.size() - options.max_rules)) {
    result = with_rest_merged(services, kept);
    if (kept == 0) break;  // one a kind: there is no fewer
  }
  for (Service& service : result) fit_talkers(service, options);
  std::ranges::stable_sort(result, std::greater(), &Service::packets);
  return result;
}

}  // namespace xdpgate
