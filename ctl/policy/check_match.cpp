// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_match.h"

#include <xdpgate/abi.h>

#include <utility>

#include "policy/grammar.h"

namespace xdpgate {
namespace {

constexpr NumberField kEthertype = {"an ethertype", 65535, true,
                                    ethertype_names};
constexpr NumberField kVlanId = {"a VLAN id", 4095, false, nullptr,
                                 ", `none` or `any`"};
constexpr std::string_view kVlanWords[] = {"none", "any"};
constexpr NumberField kProtocol = {"a protocol", 255, true, protocol_names};
constexpr NumberField kTtl = {"a TTL", 255};
constexpr NumberField kDscp = {"a DSCP", 63, true, dscp_names};
constexpr NumberField kEcn = {"an ECN value", 3, true, ecn_names};
constexpr NumberField kLength = {"a length", XG_LENGTH_MAX};
constexpr std::string_view kFamilies[] = {"ipv4", "ipv6"};
constexpr std::string_view kFragments[] = {"none", "first", "later", "any"};

constexpr ValueForm numbers(const NumberField& field,
                            std::span<const std::string_view> words = {}) {
  return {ValueKind::kNumbers, &field, words};
}
constexpr ValueForm words(std::span<const std::string_view> words) {
  return {ValueKind::kWords, nullptr, words};
}
constexpr ValueForm kPorts = {ValueKind::kPorts, &kPortField, {}};

constexpr MatchKey kKeys[] = {
    {"interface", "name or list", "ingress interface", false, read_interface,
     {ValueKind::kNames}},
    {"src_mac", "MAC address, with /mask or without; list", "Ethernet source",
     false, read_src_mac,
     {ValueKind::kMacs}},
    {"dst_mac", "MAC address, with /mask or without; list",
     "Ethernet destination", false, read_dst_mac,
     {ValueKind::kMacs}},
    {"ethertype", "name, number, range or list",
     "the first ethertype that is no VLAN tag", false, read_ethertype,
     numbers(kEthertype)},
    {"vlan", "0-4095, range, list, `none`, `any`",
     "outermost tag (802.1Q or 802.1ad)", false, read_vlan,
     numbers(kVlanId, kVlanWords)},
    {"inner_vlan", "0-4095, range, list, `none`, `any`", "second tag", false,
     read_inner_vlan,
     numbers(kVlanId, kVlanWords)},
    {"family", "`ipv4`, `ipv6`", "IP version", true, read_family,
     words(kFamilies)},
    {"src", "address, prefix, range, list, \"@set\"", "IP source", true,
     read_src,
     {ValueKind::kAddresses}},
    {"dst", "address, prefix, range, list, \"@set\"", "IP destination", true,
     read_dst,
     {ValueKind::kAddresses}},
    {"protocol", "name, number, range or list",
     "the upper-layer protocol, behind IPv6 extension headers", true,
     read_protocol,
     numbers(kProtocol)},
    {"src_port", "number, range, service name, list, \"@set\"",
     "source port of TCP, UDP, UDP-Lite, SCTP, DCCP", true, read_src_port,
     kPorts},
    {"dst_port", "number, range, service name, list, \"@set\"",
     "destination port of TCP, UDP, UDP-Lite, SCTP, DCCP", true, read_dst_port,
     kPorts},
    {"port", "number, range, service name, list, \"@set\"",
     "either port of TCP, UDP, UDP-Lite, SCTP, DCCP", true, read_port,
     kPorts},
    {"tcp_flags", "SET/MASK, or a list of flags that must be set", "TCP flags",
     true, read_tcp_flags,
     {ValueKind::kFlags}},
    {"icmp_type", "name, number, range or list", "ICMP or ICMPv6 type", true,
     read_icmp_type,
     {ValueKind::kIcmp}},
    {"icmp_code", "name, number, range or list", "ICMP or ICMPv6 code", true,
     read_icmp_code,
     {ValueKind::kIcmp}},
    {"ttl", "number, range or list", "TTL, hop limit", true, read_ttl,
     numbers(kTtl)},
    {"dscp", "name, number, range or list",
     "upper six bits of TOS or traffic class", true, read_dscp,
     numbers(kDscp)},
    {"ecn", "name, number, range or list",
     "lower two bits of TOS or traffic class", true, read_ecn,
     numbers(kEcn)},
    {"length", "number, range or list",
     "IP total length in bytes (IPv6: 40 + payload length)", true, read_length,
     numbers(kLength)},
    {"fragment", "`none`, `first`, `later`, `any`, list", "IP fragmentation",
     true, read_fragment,
     words(kFragments)},
    {"ip_options", "true, false",
     "an IPv4 header longer than 20 bytes, or any IPv6 extension header", true,
     read_ip_options,
     words(kBooleanWords)},
    {"payload", "{at: ether|ip|l4|data, offset: N, bytes: HEX, mask: HEX}",
     "raw bytes, at most 16", false, read_payload,
     {ValueKind::kPayload}},
};

// What iptables, nft, tc and pcap filters call the same.
constexpr Synonym kSynonyms[] = {
    {"dport", "dst_port"},
    {"sport", "src_port"},
    {"saddr", "src"},
    {"daddr", "dst"},
    {"source", "src"},
    {"destination", "dst"},
    {"src_ip", "src"},
    {"dst_ip", "dst"},
    {"ip_src", "src"},
    {"ip_dst", "dst"},
    {"from", "src"},
    {"to", "dst"},
    {"iif", "interface"},
    {"iifname", "interface"},
    {"in", "interface"},
    {"dev", "interface"},
    {"hoplimit", "ttl"},
    {"hop_limit", "ttl"},
    {"flags", "tcp_flags"},
    {"tos", "dscp"},
    {"smac", "src_mac"},
    {"dmac", "dst_mac"},
    {"ether_type", "ethertype"},
    {"ip_version", "family"},
    {"type", "icmp_type"},
    {"code", "icmp_code"},
    {"cvlan", "inner_vlan"},
    {"frag", "fragment"},
    {"bytes", "payload"},
};

std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names;
  for (const MatchKey& key : kKeys) names.push_back(key.name);
  return names;
}

std::string hint_for_key(std::string_view word) {
  return synonym_hint(word, kSynonyms, key_names());
}

// A key that only IP packets have.
void claim_ip(MatchReader& reader, const KeyUse& use) {
  reader.families.push_back({&use.key, in_quotes(use.name), true, true, false});
}

}  // namespace

std::span<const MatchKey> match_keys() { return kKeys; }

std::optional<NumberSet> read_numbers(MatchReader& reader, const KeyUse& use) {
  const NumberField& field = *use.form.numbers;
  auto value = read_value(reader.context, use.value, use.name);
  if (!value) return std::nullopt;
  auto ranges = parse_items(
      reader.context, value->items,
      [&](std::string_view text) { return parse_number_range(text, field); });
  if (!ranges) return std::nullopt;
  NumberSet numbers(std::move(*ranges));
  return value->negated ? numbers.complement(field.max) : numbers;
}

Match read_match(Context& context, SetTable& sets, const Node& node) {
  static const std::vector<std::string_view> kNames = key_names();
  MatchReader reader{.context = context, .sets = sets};
  if (node.kind == NodeKind::kNull) return reader.match;
  if (!expect_map(context, node, "`match`")) return reader.match;
  auto fields =
      read_fields(context, node, {"a match", kNames, {}, hint_for_key});
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i]) continue;
    const KeyUse use{kKeys[i].name, *fields[i].key, *fields[i].value,
                     kKeys[i].form};
    if (kKeys[i].is_ip) claim_ip(reader, use);
    kKeys[i].read(reader, use);
  }
  finish_icmp(reader, check_contradictions(reader));
  return std::move(reader.match);
}

}  // namespace xdpgate
