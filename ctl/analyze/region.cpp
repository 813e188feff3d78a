// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/region.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "policy/describe.h"

namespace xdpgate {
namespace {

constexpr std::array kNumberKeys = {
    &Match::ethertype, &Match::protocol, &Match::src_port, &Match::dst_port,
    &Match::ttl,       &Match::dscp,     &Match::ecn,      &Match::length};
constexpr std::array kAddressKeys = {&Match::src, &Match::dst};

constexpr std::uint32_t kLastV4 = 0xffffffff;
constexpr U128 kLastV6 = ~U128{0};

bool any_dynamic(const AddressMatch& match, const Policy& policy) {
  return std::ranges::any_of(match.sets, [&](std::uint32_t set) {
    return policy.address_sets[set].dynamic.has_value();
  });
}

AddressSet complement(const AddressSet& set) {
  return {set.v4.complement(kLastV4), set.v6.complement(kLastV6)};
}
AddressSet intersected(const AddressSet& a, const AddressSet& b) {
  return {a.v4.intersected(b.v4), a.v6.intersected(b.v6)};
}

AddressSet elements_of(const AddressMatch& match, const Policy& policy) {
  AddressSet all = match.listed;
  for (std::uint32_t set : match.sets) {
    all.v4 = all.v4.united(policy.address_sets[set].elements.v4);
    all.v6 = all.v6.united(policy.address_sets[set].elements.v6);
  }
  return match.negated ? complement(all) : all;
}

// The match with the elements of its sets; as it is where they are dynamic.
void spell_out(Match& match, const Policy& policy) {
  for (auto key : kAddressKeys) {
    auto& asked = match.*key;
    if (!asked || any_dynamic(*asked, policy)) continue;
    asked = AddressMatch{elements_of(*asked, policy), {}, false};
  }
}

// A match with one key.
template <class T>
Match only(std::optional<T> Match::*key, const std::optional<T>& value) {
  Match match;
  match.*key = value;
  return match;
}

class Restriction {
 public:
  Restriction(DiffRegion& region, const Match& by, const Policy& policy)
      : region_(region), by_(by), policy_(policy) {}

  void run() {
    for (auto key : kNumberKeys) {
      both(key, [](const NumberSet& a, const NumberSet& b) {
        return a.intersected(b);
      });
    }
    addresses(&Match::src);
    addresses(&Match::dst);
    both(&Match::vlan, vlan);
    both(&Match::inner_vlan, vlan);
    both(&Match::icmp_type, icmp);
    both(&Match::icmp_code, icmp);
    both(&Match::fragment, [](const FragmentMatch& a, const FragmentMatch& b) {
      return FragmentMatch{a.none && b.none, a.first && b.first,
                           a.later && b.later};
    });
    beside(&Match::family);
    beside(&Match::ip_options);
    beside(&Match::interface);
    beside(&Match::src_mac);
    beside(&Match::dst_mac);
    beside(&Match::port);
    beside(&Match::tcp_flags);
    for (const PayloadMatch& payload : by_.payload) {
      auto& all = region_.match.payload;
      if (std::ranges::find(all, payload) == all.end()) all.push_back(payload);
    }
  }

 private:
  static VlanMatch vlan(const VlanMatch& a, const VlanMatch& b) {
    return {a.ids.intersected(b.ids), a.untagged && b.untagged};
  }
  static IcmpMatch icmp(const IcmpMatch& a, const IcmpMatch& b) {
    return {a.v4.intersected(b.v4), a.v6.intersected(b.v6)};
  }

  template <class T, class Combine>
  void both(std::optional<T> Match::*key, Combine combine) {
    const auto& asked = by_.*key;
    if (!asked) return;
    auto& field = region_.match.*key;
    field = field ? combine(*field, *asked) : *asked;
  }

  // Where there are two, both stand there.
  template <class T>
  void beside(std::optional<T> Match::*key) {
    const auto& asked = by_.*key;
    auto& field = region_.match.*key;
    if (!asked || field == asked) return;
    if (!field) {
      field = asked;
    } else {
      region_.also.push_back(describe_match(only(key, asked), policy_));
    }
  }

  void addresses(std::optional<AddressMatch> Match::*key) {
    const auto& asked = by_.*key;
    if (!asked) return;
    auto& field = region_.match.*key;
    // By name: the sets' numbers are those of another policy.
    const bool listed = field && field->sets.empty();
    if (any_dynamic(*asked, policy_) || (field && !listed)) {
      region_.also.push_back(describe_match(only(key, asked), policy_));
      return;
    }
    both(key, [](const AddressMatch& a, const AddressMatch& b) {
      return AddressMatch{intersected(a.listed, b.listed), {}, false};
    });
  }

  DiffRegion& region_;
  const Match& by_;
  const Policy& policy_;
};

bool inside(const NumberSet& a, const NumberSet& b) {
  return a.intersected(b) == a;
}
bool inside(const AddressMatch& a, const AddressMatch& b) {
  return a.sets.empty() && b.sets.empty() && !a.negated && !b.negated &&
         intersected(a.listed, b.listed) == a.listed;
}
bool inside(const auto& a, const auto& b) { return a == b; }

// Which keys of `by` leave out something of the region.
class OpenKeys {
 public:
  OpenKeys(const Match& region, const Match& by) : region_(region), by_(by) {
    for (auto key : kNumberKeys) {
      if (is_open(key)) numbers = key;
    }
    for (auto key : kAddressKeys) {
      if (is_open(key)) addresses = key;
    }
    look(&Match::vlan, &Match::inner_vlan);
    look(&Match::icmp_type, &Match::icmp_code);
    look(&Match::src_mac, &Match::dst_mac);
    look(&Match::interface, &Match::interface);
    look(&Match::family, &Match::family);
    look(&Match::port, &Match::port);
    look(&Match::tcp_flags, &Match::tcp_flags);
    look(&Match::fragment, &Match::fragment);
    look(&Match::ip_options, &Match::ip_options);
    for (const PayloadMatch& payload : by.payload) {
      const auto& all = region.payload;
      if (std::ranges::find(all, payload) == all.end()) ++count;
    }
  }

  int count = 0;
  std::optional<NumberSet> Match::*numbers = nullptr;       ///< one that does
  std::optional<AddressMatch> Match::*addresses = nullptr;  ///< likewise

 private:
  template <class T>
  bool is_open(std::optional<T> Match::*key) {
    const auto& asked = by_.*key;
    const auto& field = region_.*key;
    const bool open = asked && !(field && inside(*field, *asked));
    count += open ? 1 : 0;
    return open;
  }
  template <class T>
  void look(std::optional<T> Match::*a, std::optional<T> Match::*b) {
    (void)is_open(a);
    if (a != b) (void)is_open(b);
  }

  const Match& region_;
  const Match& by_;
};

// Names where they are sets, and `not` where that is shorter.
void shorten(std::optional<AddressMatch>& asked, const Policy& names) {
  if (!asked || !asked->sets.empty()) return;
  auto named = [&](const AddressSet& set, bool negated) {
    for (std::uint32_t i = 0; i < names.address_sets.size(); ++i) {
      if (names.address_sets[i].elements == set && !set.empty()) {
        asked = AddressMatch{{}, {i}, negated};
        return true;
      }
    }
    return false;
  };
  const AddressSet others = complement(asked->listed);
  if (named(asked->listed, false) || named(others, true)) return;
  const std::size_t size = asked->listed.v4.size() + asked->listed.v6.size();
  if (!others.empty() && others.v4.size() + others.v6.size() < size) {
    asked = AddressMatch{others, {}, true};
  }
}

}  // namespace

DiffRegion region_of(const Match& match, const Policy& policy) {
  DiffRegion region;
  restrict_to(region, match, policy);
  return region;
}

void restrict_to(DiffRegion& region, const Match& match, const Policy& policy) {
  Match by = match;
  spell_out(by, policy);
  Restriction(region, by, policy).run();
}

bool take_off(DiffRegion& region, const Match& match, const Policy& policy) {
  Match by = match;
  spell_out(by, policy);
  const OpenKeys open(region.match, by);
  if (open.count != 1) return false;
  if (open.numbers && region.match.*open.numbers) {
    auto& field = *(region.match.*open.numbers);
    field = field.intersected((by.*open.numbers)->complement(XG_LENGTH_MAX));
    return true;
  }
  const bool listed = open.addresses && region.match.*open.addresses &&
                      (region.match.*open.addresses)->sets.empty() &&
                      (by.*open.addresses)->sets.empty();
  if (!listed) return false;
  auto& field = *(region.match.*open.addresses);
  field.listed =
      intersected(field.listed, complement((by.*open.addresses)->listed));
  return true;
}

std::string region_text(const DiffRegion& region,
                        const std::vector<const Policy*>& policies,
                        std::size_t most_items) {
  Policy names;
  for (const Policy* policy : policies) {
    names.address_sets.insert(names.address_sets.end(),
                              policy->address_sets.begin(),
                              policy->address_sets.end());
  }
  Match match = region.match;
  shorten(match.src, names);
  shorten(match.dst, names);
  std::string text = describe_match(match, names, most_items);
  for (const std::string& also : region.also) {
    text += (text.empty() ? "" : ", ") + also;
  }
  return text.empty() ? "every packet" : text;
}

}  // namespace xdpgate
