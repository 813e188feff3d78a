// SPDX-License-Identifier: GPL-2.0-only
// Where metrics are served: an address of this host and a TCP port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"
#include "policy/packet.h"

namespace xdpgate {

struct ListenAddress {
  Address address;
  std::uint16_t port = 0;  ///< 0: any free one
};

/// "127.0.0.1:10470" or "[::1]:10470".
[[nodiscard]] Parsed<ListenAddress> parse_listen_address(std::string_view text);
/// The same form.
[[nodiscard]] std::string to_text(const ListenAddress& listen);
/// Whether a socket can be bound there now. Error: it is taken, the address is
/// not this host's, or no privilege.
[[nodiscard]] Result<void> can_listen(const ListenAddress& listen);

}  // namespace xdpgate
