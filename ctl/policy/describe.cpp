// SPDX-License-Identifier: GPL-2.0-only
#include "policy/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/hex.h"
#include "policy/limit.h"
#include "policy/names.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

using NamesOf = const NameTable& (*)();

// Collects "key: value" pairs.
class Writer {
 public:
  explicit Writer(std::size_t most_items = kAllItems)
      : most_items_(most_items) {}

  void pair(std::string_view key, const std::string& value,
            bool negated = false) {
    if (!text_.empty()) text_ += ", ";
    text_ +=
        fmt::format("{}: {}", key, negated ? "{not: " + value + "}" : value);
  }
  void list(std::string_view key, const std::vector<std::string>& items,
            bool negated = false) {
    std::string value = fmt::format("[{}]", joined(items));
    pair(key, items.size() == 1 ? items[0] : value, negated);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  // The first ones, and how many more there are.
  [[nodiscard]] std::string joined(
      const std::vector<std::string>& items) const {
    if (items.size() <= most_items_) {
      return fmt::format("{}", fmt::join(items, ", "));
    }
    const auto end = items.begin() + static_cast<std::ptrdiff_t>(most_items_);
    return fmt::format("{}, and {} more", fmt::join(items.begin(), end, ", "),
                       items.size() - most_items_);
  }

  std::size_t most_items_;
  std::string text_;
};

std::string number_text(std::uint32_t number, NamesOf names) {
  return names ? names().text(number) : std::to_string(number);
}

std::vector<std::string> items_of(const NumberSet& set, NamesOf names) {
  std::vector<std::string> items;
  for (const auto& [lo, hi] : set.intervals()) {
    items.push_back(lo == hi ? number_text(lo, names)
                             : fmt::format("{}-{}", lo, hi));
  }
  return items;
}

void write_numbers(Writer& writer, std::string_view key,
                   const std::optional<NumberSet>& set,
                   NamesOf names = nullptr) {
  if (set) writer.list(key, items_of(*set, names));
}

void write_vlan(Writer& writer, std::string_view key,
                const std::optional<VlanMatch>& match) {
  if (!match) return;
  auto items = items_of(match->ids, nullptr);
  if (match->untagged) items.insert(items.begin(), "none");
  writer.list(key, items);
}

void write_macs(Writer& writer, std::string_view key,
                const std::optional<MacMatch>& match) {
  if (!match) return;
  std::vector<std::string> items;
  for (const MacPattern& pattern : match->any_of) {
    items.push_back(to_text(pattern));
  }
  writer.list(key, items, match->negated);
}

void write_addresses(Writer& writer, std::string_view key,
                     const std::optional<AddressMatch>& match,
                     const Policy& policy) {
  if (!match) return;
  std::vector<std::string> items;
  for (const auto& [lo, hi] : match->listed.v4.intervals()) {
    items.push_back(to_text(AddressRange{Family::kIpv4, lo, hi}));
  }
  for (const auto& [lo, hi] : match->listed.v6.intervals()) {
    items.push_back(to_text(AddressRange{Family::kIpv6, lo, hi}));
  }
  std::vector<std::string> sets;
  for (std::uint32_t set : match->sets) {
    sets.push_back("@" + policy.address_sets[set].name);
  }
  std::ranges::sort(sets);
  items.insert(items.end(), sets.begin(), sets.end());
  writer.list(key, items, match->negated);
}

void write_icmp(Writer& writer, std::string_view key,
                const std::optional<IcmpMatch>& match) {
  if (!match) return;
  auto items = items_of(match->v4, nullptr);
  for (std::string& item : items) item = "v4 " + item;
  for (std::string& item : items_of(match->v6, nullptr)) {
    items.push_back("v6 " + item);
  }
  writer.list(key, items);
}

void write_flags(Writer& writer, const std::optional<FlagsMatch>& match) {
  if (!match) return;
  std::vector<std::string> items;
  for (const FlagsPattern& pattern : match->any_of) {
    items.push_back(fmt::format("\"{}/{}\"", tcp_flags_text(pattern.set),
                                tcp_flags_text(pattern.mask)));
  }
  writer.list("tcp_flags", items, match->negated);
}

void write_fragment(Writer& writer, const std::optional<FragmentMatch>& match) {
  if (!match) return;
  std::vector<std::string> items;
  if (match->none) items.emplace_back("none");
  if (match->first) items.emplace_back("first");
  if (match->later) items.emplace_back("later");
  writer.list("fragment", items);
}

void write_payload(Writer& writer, const PayloadMatch& match) {
  constexpr std::string_view kBases[] = {"ether", "ip", "l4", "data"};
  writer.pair(
      "payload",
      fmt::format("{{at: {}, offset: {}, bytes: {}, mask: {}}}",
                  kBases[static_cast<std::size_t>(match.base)], match.offset,
                  hex_text(match.bytes), hex_text(match.mask)),
      match.negated);
}

void write_link(Writer& writer, const Match& match) {
  if (match.interface) {
    writer.list("interface", match.interface->names, match.interface->negated);
  }
  write_macs(writer, "src_mac", match.src_mac);
  write_macs(writer, "dst_mac", match.dst_mac);
  write_numbers(writer, "ethertype", match.ethertype, ethertype_names);
  write_vlan(writer, "vlan", match.vlan);
  write_vlan(writer, "inner_vlan", match.inner_vlan);
}

void write_network(Writer& writer, const Match& match, const Policy& policy) {
  if (match.family) {
    writer.pair("family", std::string(family_name(*match.family)));
  }
  write_addresses(writer, "src", match.src, policy);
  write_addresses(writer, "dst", match.dst, policy);
  write_numbers(writer, "protocol", match.protocol, protocol_names);
  write_numbers(writer, "ttl", match.ttl);
  write_numbers(writer, "dscp", match.dscp, dscp_names);
  write_numbers(writer, "ecn", match.ecn, ecn_names);
  write_numbers(writer, "length", match.length);
  write_fragment(writer, match.fragment);
  if (match.ip_options) {
    writer.pair("ip_options", *match.ip_options ? "true" : "false");
  }
}

void write_transport(Writer& writer, const Match& match) {
  write_numbers(writer, "src_port", match.src_port);
  write_numbers(writer, "dst_port", match.dst_port);
  if (match.port) {
    writer.list("port", items_of(match.port->ports, nullptr),
                match.port->negated);
  }
  write_flags(writer, match.tcp_flags);
  write_icmp(writer, "icmp_type", match.icmp_type);
  write_icmp(writer, "icmp_code", match.icmp_code);
  for (const PayloadMatch& payload : match.payload) {
    write_payload(writer, payload);
  }
}

std::string per_text(const Limit& limit) {
  if (limit.per == LimitPer::kRule) return "rule";
  const char* side = limit.per == LimitPer::kSrc ? "src" : "dst";
  return fmt::format("[{0}/{1}, {0}/{2}]", side, limit.ipv4_bits,
                     limit.ipv6_bits);
}

std::string limit_text(const Limit& limit) {
  const bool has_keys = limit.per != LimitPer::kRule;
  return fmt::format("{{rate: {}, burst: {}{}, per: {}{}}}, over: {}",
                     rate_text(limit), limit.burst, limit.bytes ? "B" : "",
                     per_text(limit),
                     has_keys ? fmt::format(", size: {}", limit.keys) : "",
                     action_name(limit.over));
}

std::string effects_text(const Rule& rule, const Policy& policy) {
  Writer writer;
  writer.pair("action",
              rule.action == Action::kRedirect
                  ? "{redirect: " + rule.redirect + "}"
                  : std::string(action_name(rule.action)));
  if (rule.log_every) {
    writer.pair("log", fmt::format("{{every: {}}}", *rule.log_every));
  }
  if (rule.limit) writer.pair("limit", limit_text(*rule.limit));
  if (rule.ban) {
    writer.pair("ban",
                fmt::format("{{set: {}, for: {}ms}}",
                            policy.address_sets[rule.ban->set].name,
                            rule.ban->for_ns / 1'000'000));
  }
  return writer.text();
}

}  // namespace

std::string describe(const Rule& rule, const Policy& policy) {
  return fmt::format("match: {{{}}}, {}", describe_match(rule.match, policy),
                     effects_text(rule, policy));
}

std::string describe_match(const Match& match, const Policy& policy,
                           std::size_t most_items) {
  Writer writer(most_items);
  write_link(writer, match);
  write_network(writer, match, policy);
  write_transport(writer, match);
  return writer.text();
}

}  // namespace xdpgate
