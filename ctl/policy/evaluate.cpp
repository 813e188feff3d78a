// SPDX-License-Identifier: GPL-2.0-only
#include "policy/evaluate.h"

#include <algorithm>

namespace xdpgate {
namespace {

// The last byte of a frame at which the packet path may begin to look.
constexpr std::uint64_t kReach = 0xffff;

// A key that asks for nothing holds; one whose field is absent does not.
template <class Asked, class Field>
bool in_set(const std::optional<Asked>& asked, const Field& field) {
  return !asked || (field && asked->contains(*field));
}

bool holds(const AddressSet& set, const Address& address) {
  return address.family == Family::kIpv4
             ? set.v4.contains(static_cast<std::uint32_t>(address.value))
             : set.v6.contains(address.value);
}

// A policy, and what the filter that runs it remembers; may be null.
struct Running {
  const Policy& policy;
  const FilterState* state;

  [[nodiscard]] bool set_holds(std::uint32_t set,
                               const Address& address) const {
    const NamedAddressSet& named = policy.address_sets[set];
    if (!named.dynamic) return holds(named.elements, address);
    return state && state->contains(set, address);
  }
};

bool address_matches(const Running& running,
                     const std::optional<AddressMatch>& asked,
                     const std::optional<Address>& field) {
  if (!asked) return true;
  if (!field) return false;
  bool found = holds(asked->listed, *field);
  for (std::uint32_t set : asked->sets) {
    found = found || running.set_holds(set, *field);
  }
  return found != asked->negated;
}

bool interface_matches(const std::optional<InterfaceMatch>& asked,
                       const std::string& interface) {
  if (!asked) return true;
  const bool found =
      std::ranges::find(asked->names, interface) != asked->names.end();
  return found != asked->negated;
}

bool mac_matches(const std::optional<MacMatch>& asked,
                 const std::optional<std::uint64_t>& field) {
  if (!asked) return true;
  if (!field) return false;
  const bool found = std::ranges::any_of(asked->any_of, [&](const auto& p) {
    return (*field & p.mask) == (p.value & p.mask);
  });
  return found != asked->negated;
}

bool vlan_matches(const std::optional<VlanMatch>& asked,
                  const std::optional<std::uint16_t>& field) {
  if (!asked) return true;
  return field ? asked->ids.contains(*field) : asked->untagged;
}

bool port_matches(const std::optional<EitherPortMatch>& asked,
                  const Packet& packet) {
  if (!asked) return true;
  if (!packet.src_port) return false;
  const bool found = asked->ports.contains(*packet.src_port) ||
                     asked->ports.contains(*packet.dst_port);
  return found != asked->negated;
}

bool flags_match(const std::optional<FlagsMatch>& asked,
                 const std::optional<std::uint16_t>& field) {
  if (!asked) return true;
  if (!field) return false;
  const bool found = std::ranges::any_of(asked->any_of, [&](const auto& p) {
    return (*field & p.mask) == p.set;
  });
  return found != asked->negated;
}

bool icmp_matches(const std::optional<IcmpMatch>& asked, bool is_v6,
                  const std::optional<std::uint8_t>& field) {
  if (!asked) return true;
  if (!field) return false;
  return (is_v6 ? asked->v6 : asked->v4).contains(*field);
}

bool fragment_matches(const std::optional<FragmentMatch>& asked,
                      const std::optional<Fragment>& field) {
  if (!asked) return true;
  if (!field) return false;
  switch (*field) {
    case Fragment::kNone:
      return asked->none;
    case Fragment::kFirst:
      return asked->first;
    case Fragment::kLater:
      return asked->later;
  }
  return false;
}

bool payload_matches(const PayloadMatch& asked, const Packet& packet) {
  const auto base = base_of(asked.base, packet);
  if (!base) return false;
  const std::uint64_t from = std::uint64_t{*base} + asked.offset;
  if (from > kReach || from + asked.bytes.size() > packet.end) return false;
  bool same = true;
  for (std::size_t i = 0; i < asked.bytes.size(); ++i) {
    same = same && (packet.bytes[from + i] & asked.mask[i]) == asked.bytes[i];
  }
  return same != asked.negated;
}

bool link_matches(const Match& m, const Packet& p) {
  return interface_matches(m.interface, p.interface) &&
         mac_matches(m.src_mac, p.src_mac) &&
         mac_matches(m.dst_mac, p.dst_mac) &&
         in_set(m.ethertype, p.ethertype) && vlan_matches(m.vlan, p.vlan) &&
         vlan_matches(m.inner_vlan, p.inner_vlan);
}

bool network_matches(const Running& running, const Match& m, const Packet& p) {
  if (m.family && (!p.src || p.src->family != *m.family)) return false;
  if (m.ip_options && p.ip_options != m.ip_options) return false;
  return address_matches(running, m.src, p.src) &&
         address_matches(running, m.dst, p.dst) && in_set(m.ttl, p.ttl) &&
         in_set(m.dscp, p.dscp) && in_set(m.ecn, p.ecn) &&
         in_set(m.length, p.length) && fragment_matches(m.fragment, p.fragment);
}

bool transport_matches(const Match& m, const Packet& p) {
  return in_set(m.protocol, p.protocol) && in_set(m.src_port, p.src_port) &&
         in_set(m.dst_port, p.dst_port) && port_matches(m.port, p) &&
         flags_match(m.tcp_flags, p.tcp_flags) &&
         icmp_matches(m.icmp_type, p.icmp_is_v6, p.icmp_type) &&
         icmp_matches(m.icmp_code, p.icmp_is_v6, p.icmp_code);
}

// Of an action that decides.
xg_verdict verdict_of(Action action) {
  switch (action) {
    case Action::kPass:
      return XG_PASS;
    case Action::kReject:
      return XG_REJECT;
    case Action::kRedirect:
      return XG_REDIRECT;
    case Action::kDrop:
    case Action::kCount:
      break;
  }
  return XG_DROP;
}

}  // namespace

std::optional<std::uint32_t> base_of(PayloadBase base, const Packet& packet) {
  switch (base) {
    case PayloadBase::kEther:
      return 0;
    case PayloadBase::kIp:
      return packet.ip_at;
    case PayloadBase::kL4:
      return packet.l4_at;
    case PayloadBase::kData:
      return packet.data_at;
  }
  return std::nullopt;
}

Action action_of(const Policy& policy, std::uint32_t number,
                 const Packet& packet, FilterState* state,
                 Evaluation& result) {
  const Rule& rule = policy.rules[number];
  if (!state) return rule.action;
  const bool within = !rule.limit || state->take(number, packet);
  if (!within) result.over.push_back(number);
  if (rule.ban && packet.src && (!rule.limit || !within)) {
    state->ban(*rule.ban, *packet.src);
  }
  return within ? rule.action : rule.limit->over;
}

bool matches(const Policy& policy, const Match& match, const Packet& packet,
             const FilterState* state) {
  return link_matches(match, packet) &&
         network_matches({policy, state}, match, packet) &&
         transport_matches(match, packet) &&
         std::ranges::all_of(match.payload, [&](const auto& payload) {
           return payload_matches(payload, packet);
         });
}

Evaluation evaluate(const Policy& policy, const Packet& packet,
                    FilterState* state) {
  Evaluation result;
  result.decision.packet_class = packet.packet_class;
  if (packet.packet_class != XG_CLASS_OK &&
      policy.malformed != MalformedAction::kMatch) {
    result.decision.verdict =
        policy.malformed == MalformedAction::kPass ? XG_PASS : XG_DROP;
    return result;
  }
  for (std::uint32_t i = 0; i < policy.rules.size(); ++i) {
    if (!matches(policy, policy.rules[i].match, packet, state)) continue;
    const Action action = action_of(policy, i, packet, state, result);
    if (action == Action::kCount) {
      result.counted.push_back(i);
      continue;
    }
    result.decision.rule = i;
    result.decision.verdict = verdict_of(action);
    return result;
  }
  result.decision.verdict =
      policy.default_action == DefaultAction::kPass ? XG_PASS : XG_DROP;
  return result;
}

}  // namespace xdpgate
