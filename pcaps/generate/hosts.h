// SPDX-License-Identifier: GPL-2.0-only
// Who plays in the captures. All addresses are from the ranges for
// documentation (RFC 5737, RFC 3849).
#pragma once

#include "pcaps/generate/packet.h"

namespace xdpgate::pcaps {

// Our servers: 198.51.100.0/24, 2001:db8:51::/48.
inline const Address kWeb4 = "198.51.100.10";
inline const Address kWeb6 = "2001:db8:51::10";
inline const Address kDns4 = "198.51.100.53";
inline const Address kDns6 = "2001:db8:51::53";

// Our office: 203.0.113.0/24, 2001:db8:1::/48.
inline const Address kOffice4 = "203.0.113.7";
inline const Address kOffice6 = "2001:db8:1::7";

// Honest strangers: 192.0.2.0/25, 2001:db8:2::/48.
inline const Address kClient4 = "192.0.2.17";
inline const Address kClient6 = "2001:db8:2::17";

// Attackers: 192.0.2.128/25, 2001:db8:bad::/48.
inline const Address kScanner4 = "192.0.2.200";
inline const Address kScanner6 = "2001:db8:bad::200";
/// One of 127, by `number`.
[[nodiscard]] inline Address attacker4(unsigned number) {
  return "192.0.2." + std::to_string(128 + number % 127);
}
/// One of 9,999, by `number`.
[[nodiscard]] inline Address attacker6(unsigned number) {
  return "2001:db8:bad::" + std::to_string(1 + number % 9999);
}

}  // namespace xdpgate::pcaps
