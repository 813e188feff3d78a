// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_lockout.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <algorithm>

namespace xdpgate {
namespace {

// Neighbour solicitation and advertisement, RFC 4861.
constexpr std::uint32_t kSolicitation = 135;
constexpr std::uint32_t kAdvertisement = 136;
constexpr std::uint32_t kHopLimit = 255;

bool may_hold(const std::optional<NumberSet>& set, std::uint32_t number) {
  return !set || set->contains(number);
}

bool asks_for_ip(const Match& match) {
  auto is_ip = [](const PayloadMatch& p) {
    return p.base != PayloadBase::kEther;
  };
  return match.family || match.src || match.dst || match.protocol ||
         match.src_port || match.dst_port || match.port || match.tcp_flags ||
         match.icmp_type || match.icmp_code || match.ttl || match.dscp ||
         match.ecn || match.length || match.fragment || match.ip_options ||
         std::ranges::any_of(match.payload, is_ip);
}

bool may_match_arp(const Match& match) {
  return !asks_for_ip(match) && may_hold(match.ethertype, ETH_P_ARP);
}

bool may_hold_ipv6(const Policy& policy,
                   const std::optional<AddressMatch>& match) {
  if (!match || match->negated || !match->listed.v6.empty()) return true;
  return std::ranges::any_of(match->sets, [&](std::uint32_t number) {
    const NamedAddressSet& set = policy.address_sets[number];
    return set.dynamic || !set.elements.v6.empty();
  });
}

bool may_match_neighbour(const Policy& policy, const Match& match,
                         std::uint32_t type) {
  bool other_protocol = match.src_port || match.dst_port || match.port ||
                        match.tcp_flags ||
                        !may_hold(match.protocol, IPPROTO_ICMPV6);
  bool other_family =
      match.family == Family::kIpv4 || !may_hold(match.ethertype, ETH_P_IPV6);
  bool other_type = (match.icmp_type && !match.icmp_type->v6.contains(type)) ||
                    (match.icmp_code && !match.icmp_code->v6.contains(0));
  return !other_protocol && !other_family && !other_type &&
         may_hold(match.ttl, kHopLimit) && may_hold_ipv6(policy, match.src) &&
         may_hold_ipv6(policy, match.dst);
}

bool any_pass(const Policy& policy, auto may_match) {
  return std::ranges::any_of(policy.rules, [&](const Rule& rule) {
    return rule.action == Action::kPass && may_match(rule.match);
  });
}

}  // namespace

void warn_lockout(Context& context, const Policy& policy, const Node& at) {
  if (policy.default_action != DefaultAction::kDrop) return;
  if (!any_pass(policy, may_match_arp)) {
    context.warning(at, "lockout",
                    "`default: drop` cuts off ARP: no rule passes it",
                    "add a rule with `match: {ethertype: arp}` and "
                    "`action: pass`");
  }
  auto passes = [&](std::uint32_t type) {
    return any_pass(policy, [&](const Match& match) {
      return may_match_neighbour(policy, match, type);
    });
  };
  if (passes(kSolicitation) && passes(kAdvertisement)) return;
  context.warning(at, "lockout",
                  "`default: drop` cuts off IPv6 neighbour discovery: no rule "
                  "passes it",
                  "add a rule with `match: {icmp_type: [nd-neighbor-solicit, "
                  "nd-neighbor-advert]}` and `action: pass`");
}

}  // namespace xdpgate
