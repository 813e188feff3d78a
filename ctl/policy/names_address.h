// SPDX-License-Identifier: GPL-2.0-only
// Addresses and MACs as text, both ways.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// All addresses of one family from `lo` to `hi`, in host order.
struct AddressRange {
  Family family = Family::kIpv4;
  U128 lo = 0;
  U128 hi = 0;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// "192.0.2.1" or "2001:db8::1".
[[nodiscard]] Parsed<Address> parse_address(std::string_view text);
/// An address, a prefix without host bits, or `LO-HI`.
[[nodiscard]] Parsed<AddressRange> parse_address_range(std::string_view text);
/// "aa:bb:cc:dd:ee:ff", 48 bits, the first byte on top.
[[nodiscard]] Parsed<std::uint64_t> parse_mac(std::string_view text);
/// A MAC, with `/MASK` in the same form or without.
[[nodiscard]] Parsed<MacPattern> parse_mac_pattern(std::string_view text);

/// RFC 5952 for IPv6.
[[nodiscard]] std::string to_text(const Address& address);
/// An address, a prefix where the range is one, else `LO-HI`.
[[nodiscard]] std::string to_text(const AddressRange& range);
[[nodiscard]] std::string mac_text(std::uint64_t mac);
[[nodiscard]] std::string to_text(const MacPattern& pattern);

}  // namespace xdpgate
