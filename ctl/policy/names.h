// SPDX-License-Identifier: GPL-2.0-only
// The words of the policy language that stand for numbers, built in so that a
// policy means the same on every host. Used by check() to read and by whoever
// prints a rule or a packet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace xdpgate {

struct NamedNumber {
  std::string_view name;
  std::uint32_t number;
};

/// Names for the numbers of one field. Of several names for one number the
/// first is the one that is printed.
class NameTable {
 public:
  explicit NameTable(std::span<const NamedNumber> rows);

  [[nodiscard]] std::optional<std::uint32_t> number(
      std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> name(
      std::uint32_t number) const;
  /// The name, or the number in decimal where it has none.
  [[nodiscard]] std::string text(std::uint32_t number) const;
  /// All names, for "did you mean".
  [[nodiscard]] std::span<const std::string_view> names() const {
    return names_;
  }

 private:
  std::span<const NamedNumber> rows_;
  std::vector<std::string_view> names_;
};

/// "tcp", "icmpv6": IP protocol numbers.
[[nodiscard]] const NameTable& protocol_names();
/// "ssh", "domain": ports.
[[nodiscard]] const NameTable& service_names();
/// "arp", "ipv4", "lldp".
[[nodiscard]] const NameTable& ethertype_names();
/// nft's names of ICMP (kIpv4) or ICMPv6 (kIpv6) types.
[[nodiscard]] const NameTable& icmp_type_names(Family family);
/// nft's names of ICMP codes: of destination-unreachable.
[[nodiscard]] const NameTable& icmp_code_names(Family family);
/// "cs0", "af11", "ef": the upper six bits of the traffic class.
[[nodiscard]] const NameTable& dscp_names();
/// "not-ect", "ect1", "ect0", "ce".
[[nodiscard]] const NameTable& ecn_names();
/// "fin", "syn": bits of the TCP flags.
[[nodiscard]] const NameTable& tcp_flag_names();

/// "fin,syn" for TCP flags; bits without a name as one hexadecimal number;
/// "none" for 0.
[[nodiscard]] std::string tcp_flags_text(std::uint16_t flags);
/// "ipv4", "ipv6".
[[nodiscard]] std::string_view family_name(Family family);
/// "pass", "drop", "count", "reject", "redirect".
[[nodiscard]] std::string_view action_name(Action action);

}  // namespace xdpgate
