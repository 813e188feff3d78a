// SPDX-License-Identifier: GPL-2.0-only
#include "explain/packet_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "packet/packet_words.h"
#include "policy/evaluate.h"
#include "policy/names.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

using Place = std::optional<std::uint32_t>;

constexpr std::uint32_t kTciAt = 14;  // of the first tag
constexpr std::uint32_t kTagBytes = 4;

std::string_view fragment_name(Fragment fragment) {
  constexpr std::string_view kNames[] = {"none", "first", "later"};
  return kNames[static_cast<std::size_t>(fragment)];
}

// Collects the fields that are there.
class Writer {
 public:
  explicit Writer(const Packet& packet) : p_(packet) {}

  std::vector<FoundField> run() {
    if (!p_.interface.empty()) add("interface", p_.interface, {});
    link();
    if (p_.src) network();
    upper();
    return std::move(fields_);
  }

 private:
  void add(std::string_view key, std::string text, Place at) {
    fields_.push_back({key, std::move(text), std::nullopt, at});
  }
  template <class Number>
  void number(std::string_view key, const std::optional<Number>& value,
              Place at) {
    if (!value) return;
    fields_.push_back({key, std::to_string(*value), *value, at});
  }
  template <class Number>
  void named(std::string_view key, const std::optional<Number>& value,
             const NameTable& names, Place at) {
    if (!value) return;
    if (names.name(*value)) return add(key, names.text(*value), at);
    number(key, value, at);
  }
  // `bytes` behind a base, where that is there.
  static Place behind(Place base, std::uint32_t bytes) {
    return base ? Place(*base + bytes) : base;
  }
  [[nodiscard]] bool is_v4() const { return p_.src->family == Family::kIpv4; }
  [[nodiscard]] Place ip(std::uint32_t v4, std::uint32_t v6) const {
    return behind(p_.ip_at, is_v4() ? v4 : v6);
  }

  void link() {
    if (p_.src_mac) add("src_mac", mac_text(*p_.src_mac), 6);
    if (p_.dst_mac) add("dst_mac", mac_text(*p_.dst_mac), 0);
    if (p_.ethertype) ethertype();
    number("vlan", p_.vlan, kTciAt);
    number("inner_vlan", p_.inner_vlan, kTciAt + kTagBytes);
  }

  void ethertype() {
    const auto name = ethertype_names().name(*p_.ethertype);
    add("ethertype",
        name ? std::string(*name) : fmt::format("0x{:04x}", *p_.ethertype),
        p_.ethertype_at);
  }

  void network() {
    add("family", std::string(family_name(p_.src->family)), p_.ip_at);
    add("src", to_text(*p_.src), ip(12, 8));
    add("dst", to_text(*p_.dst), ip(16, 24));
    named("protocol", p_.protocol, protocol_names(), p_.protocol_at);
  }

  void upper() {
    number("src_port", p_.src_port, p_.l4_at);
    number("dst_port", p_.dst_port, behind(p_.l4_at, 2));
    if (p_.tcp_flags) {
      add("tcp_flags", tcp_flags_text(*p_.tcp_flags), behind(p_.l4_at, 12));
    }
    const Family family = p_.icmp_is_v6 ? Family::kIpv6 : Family::kIpv4;
    named("icmp_type", p_.icmp_type, icmp_type_names(family), p_.l4_at);
    number("icmp_code", p_.icmp_code, behind(p_.l4_at, 1));
    if (p_.src) rest_of_network();
  }

  void rest_of_network() {
    number("ttl", p_.ttl, ip(8, 7));
    named("dscp", p_.dscp, dscp_names(), ip(1, 0));
    named("ecn", p_.ecn, ecn_names(), ip(1, 1));
    number("length", p_.length, ip(2, 4));
    if (p_.fragment) {
      add("fragment", std::string(fragment_name(*p_.fragment)), p_.fragment_at);
    }
    if (p_.ip_options) {
      add("ip_options", *p_.ip_options ? "true" : "false", ip(0, 6));
    }
  }

  const Packet& p_;
  std::vector<FoundField> fields_;
};

}  // namespace

std::vector<FoundField> packet_fields(const Packet& packet) {
  return Writer(packet).run();
}

std::string field_text(const Packet& packet, std::string_view key) {
  if (key == "port") {
    return packet.src_port ? fmt::format("{} > {}", *packet.src_port,
                                         *packet.dst_port)
                           : "none";
  }
  for (FoundField& field : packet_fields(packet)) {
    if (field.key == key) return std::move(field.text);
  }
  return "none";
}

std::string payload_text(const Packet& packet, const PayloadMatch& asked) {
  const Place base = base_of(asked.base, packet);
  if (!base) return fmt::format("no {}", base_name(asked.base));
  const std::uint64_t from = std::uint64_t{*base} + asked.offset;
  if (from + asked.bytes.size() > packet.end) {
    return fmt::format("the packet ends at {}+{}", base_name(asked.base),
                       packet.end - std::min(packet.end, *base));
  }
  return hex_text(packet.bytes.subspan(from, asked.bytes.size()));
}

}  // namespace xdpgate
