// SPDX-License-Identifier: GPL-2.0-only
#include "import/nft_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace xdpgate {
namespace {

// For which match key the elements of a type of sets are.
struct SetType {
  std::string_view type, key;
};

constexpr SetType kTypes[] = {
    {"ipv4_addr", "src"},         {"ipv6_addr", "src"},
    {"inet_service", "src_port"}, {"ifname", "interface"},
    {"ether_addr", "src_mac"},    {"ether_type", "ethertype"},
    {"inet_proto", "protocol"},   {"icmp_type", "icmp_type"},
    {"icmp_code", "icmp_code"},   {"icmpv6_type", "icmp_type"},
    {"icmpv6_code", "icmp_code"}, {"dscp", "dscp"},
};

std::string_view key_of(const NftJson& set) {
  const bool simple = set.contains("type") && set.at("type").is_string();
  const std::string type = simple ? set.at("type").get<std::string>() : "";
  const auto* found = std::ranges::find(kTypes, type, &SetType::type);
  return found == std::end(kTypes) ? "" : found->key;
}

Parsed<std::string> read_set(const NftJson& set, const std::string& name,
                             Draft& draft) {
  const std::string_view key = key_of(set);
  if (key.empty()) return complaint("a set of what no key asks for alone");
  if (comes_and_goes(set)) {
    return complaint(
        "its elements come and go; a set with `dynamic: "
        "true` is filled by `xdpgate set`");
  }
  std::vector<std::string> elements;
  if (set.contains("elem")) {
    for (const NftJson& element : set.at("elem")) {
      auto value = nft_value(element, key);
      if (!value) return value;
      elements.push_back(*value);
    }
  }
  if (key == "src" || key == "src_port") {
    const std::string added = draft.add_set(
        {name, key == "src" ? "address" : "port", std::move(elements)});
    return fmt::format("\"@{}\"", added);
  }
  if (elements.empty()) return complaint("an empty set");
  return yaml_list(elements);
}

}  // namespace

bool comes_and_goes(const NftJson& set) {
  return set.contains("flags") &&
         std::ranges::any_of(set.at("flags"), [](const NftJson& flag) {
           return flag == "timeout" || flag == "dynamic";
         });
}

NftSets read_nft_sets(const std::vector<const NftJson*>& sets, Draft& draft) {
  NftSets result;
  for (const NftJson* set : sets) {
    const std::string name = set->value("name", "");
    result.emplace(name, read_set(*set, name, draft));
  }
  return result;
}

}  // namespace xdpgate
