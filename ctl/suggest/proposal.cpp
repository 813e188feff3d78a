// SPDX-License-Identifier: GPL-2.0-only
#include "suggest/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "base/text.h"
#include "policy/names.h"
#include "policy/names_address.h"
#include "rulefile/quote.h"

namespace xdpgate {
namespace {

constexpr std::uint16_t kArp = 0x0806;
constexpr std::uint8_t kTcp = 6, kIcmp = 1, kIcmpv6 = 58;
constexpr std::size_t kLineWidth = 79;

using Items = std::vector<std::string>;

std::string list_text(const Items& items) {
  return items.size() == 1 ? items[0]
                           : fmt::format("[{}]", fmt::join(items, ", "));
}

template <class Text>
std::string numbers_text(const NumberSet& numbers, Text text) {
  Items items;
  for (const auto& [lo, hi] : numbers.intervals()) {
    items.push_back(lo == hi ? text(lo) : fmt::format("{}-{}", lo, hi));
  }
  return list_text(items);
}

// IPv6 in quotes: YAML would take some of its colons for its own.
std::string addresses_text(const AddressSet& set) {
  Items items;
  for (const auto& [lo, hi] : set.v4.intervals()) {
    items.push_back(to_text(AddressRange{Family::kIpv4, lo, hi}));
  }
  for (const auto& [lo, hi] : set.v6.intervals()) {
    items.push_back('"' + to_text(AddressRange{Family::kIpv6, lo, hi}) + '"');
  }
  return list_text(items);
}

// The names of ICMP as protocols are about one family; so are numbers not.
std::string protocol_text(std::uint8_t protocol) {
  const bool is_icmp = protocol == kIcmp || protocol == kIcmpv6;
  return is_icmp ? std::to_string(protocol) : protocol_names().text(protocol);
}

std::string ethertype_text(std::uint32_t number) {
  const auto name = ethertype_names().name(number);
  return name ? std::string(*name) : fmt::format("0x{:04x}", number);
}

std::string port_text(std::uint32_t port) { return service_names().text(port); }

// "key: value" pairs of a match.
class Keys {
 public:
  explicit Keys(const Service& service) : s_(service) {}

  Items run() {
    if (!s_.any_src && !s_.src.empty()) add("src", addresses_text(s_.src));
    if (!s_.any_dst && !s_.dst.empty()) add("dst", addresses_text(s_.dst));
    switch (s_.kind) {
      case ServiceKind::kEthertype:
        add("ethertype", numbers_text(s_.numbers, ethertype_text));
        break;
      case ServiceKind::kIcmp:
      case ServiceKind::kNeighbours:
        icmp();
        break;
      case ServiceKind::kRequests:
      case ServiceKind::kAnswers:
        ports();
        break;
      case ServiceKind::kProtocol:
      case ServiceKind::kFragments:
        protocol();
        break;
    }
    return std::move(keys_);
  }

 private:
  void add(std::string_view key, const std::string& value) {
    keys_.push_back(fmt::format("{}: {}", key, value));
  }
  void family() { add("family", std::string(family_name(*s_.family))); }

  void icmp() {
    family();
    add("icmp_type", numbers_text(s_.numbers, [&](std::uint32_t type) {
          return icmp_type_names(*s_.family).text(type);
        }));
    if (s_.kind == ServiceKind::kNeighbours) add("ttl", "255");
  }

  void ports() {
    const bool is_answer = s_.kind == ServiceKind::kAnswers;
    add("protocol", protocol_text(*s_.protocol));
    add(is_answer ? "src_port" : "dst_port",
        numbers_text(s_.numbers, port_text));
    if (!is_answer) return;
    if (s_.free_ports) add("dst_port", "1024-65535");
    if (s_.protocol == kTcp) add("tcp_flags", "{not: \"syn/syn,ack\"}");
  }

  void protocol() {
    family();
    if (s_.protocol) add("protocol", protocol_text(*s_.protocol));
    if (s_.kind == ServiceKind::kFragments) add("fragment", "later");
  }

  const Service& s_;
  Items keys_;
};

// "tcp-http", "udp-domain-answers", "gre-ipv6".
std::string base_name(const Service& service) {
  const auto first = service.numbers.intervals().front().lo;
  const std::string protocol =
      service.protocol ? protocol_names().text(*service.protocol) : "ip";
  const std::string six =
      service.family == Family::kIpv6 ? std::string("-ipv6") : std::string();
  switch (service.kind) {
    case ServiceKind::kEthertype:
      return (ethertype_names().name(first) ? "" : "ethertype-") +
             ethertype_text(first);
    case ServiceKind::kIcmp:
      return protocol;
    case ServiceKind::kNeighbours:
      return "neighbour-discovery";
    case ServiceKind::kRequests:
      return protocol + "-" + port_text(first);
    case ServiceKind::kAnswers:
      return protocol + "-" + port_text(first) + "-answers";
    case ServiceKind::kProtocol:
      return protocol + six;
    case ServiceKind::kFragments:
      return protocol + "-fragments" + six;
  }
  return "rule";
}

std::string unique_name(const Service& service, std::set<std::string>& taken) {
  const std::string base = base_name(service);
  std::string name = base;
  for (int number = 2; !taken.insert(name).second; ++number) {
    name = fmt::format("{}-{}", base, number);
  }
  return name;
}

std::string match_text(const Items& keys) {
  const std::string line = fmt::format("    match: {{{}}}\n",
                                       fmt::join(keys, ", "));
  if (line.size() <= kLineWidth + 1) return line;
  return fmt::format("    match:\n      {}\n", fmt::join(keys, "\n      "));
}

std::string rule_text(const Service& service, const std::string& comment,
                      std::set<std::string>& taken) {
  return fmt::format("  # {}\n  - name: {}\n{}    action: pass\n", comment,
                     unique_name(service, taken),
                     match_text(Keys(service).run()));
}

std::string seen_text(const Service& service) {
  std::string text = fmt::format(
      "{} packet{}", service.packets, service.packets == 1 ? "" : "s");
  if (service.any_src) text += ", from many";
  if (service.any_dst) text += ", to many";
  return text;
}

// What the link needs, seen or not.
std::vector<Service> necessities() {
  return {{.kind = ServiceKind::kEthertype, .numbers = NumberSet::of(kArp)},
          {.kind = ServiceKind::kNeighbours,
           .family = Family::kIpv6,
           .protocol = kIcmpv6,
           .numbers = NumberSet::range(134, 136)}};
}

// Whether `services` do not pass all that `wanted` would.
bool lacks(const std::vector<Service>& services, const Service& wanted) {
  NumberSet passed;
  for (const Service& service : services) {
    if (service.kind == wanted.kind) passed = passed.united(service.numbers);
  }
  return passed.intersected(wanted.numbers) != wanted.numbers;
}

std::string tests_text(const std::vector<Evidence>& evidence) {
  std::string text;
  for (const auto& [capture, passed, malformed] : evidence) {
    if (capture == "-") continue;  // cannot be read again
    text += fmt::format("  - {{pcap: {}, expect: {{pass: {}, drop: {}}}}}\n",
                        yaml_quoted(capture), passed, malformed);
  }
  return text.empty() ? text : "\ntests:\n" + text;
}

std::string head_text(const std::vector<Evidence>& evidence,
                      const ProposalOptions& options) {
  Items captures;
  for (const Evidence& one : evidence) {
    captures.push_back(in_quotes(one.capture));
  }
  return fmt::format(
      "# PROPOSAL, made by `xdpgate suggest` from {}.\n"
      "# It passes what the capture holds, welcome or not, and drops all else: "
      "read\n# every rule before you apply it, and take out what should not "
      "be there.\n"
      "version: 1\nname: {}\ndefault: drop\nmalformed: drop\n\nrules:\n",
      fmt::join(captures, ", "), options.name);
}

}  // namespace

std::string proposal(const SeenTraffic& traffic,
                     const std::vector<Evidence>& evidence,
                     const ProposalOptions& options) {
  const auto services = summed_up(traffic.services(), options);
  std::string text = head_text(evidence, options);
  std::set<std::string> taken;
  for (const Service& service : services) {
    text += rule_text(service, seen_text(service), taken);
  }
  for (const Service& wanted : necessities()) {
    if (!lacks(services, wanted)) continue;
    text += rule_text(wanted, "the link needs it, be it in the capture or not",
                      taken);
  }
  return text + tests_text(evidence);
}

}  // namespace xdpgate
