// SPDX-License-Identifier: GPL-2.0-only
// The fields of a packet in words, with the places where they were found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/packet.h"

namespace xdpgate {

/// One field of a packet, named after the match key that asks for it.
struct FoundField {
  std::string_view key;
  std::string text;                     ///< its value in words
  std::optional<std::uint64_t> number;  ///< where its value is a plain number
  std::optional<std::uint32_t> at;      ///< offset in the frame, in bytes
};

/// The fields that `packet` has, in the order of the match keys.
[[nodiscard]] std::vector<FoundField> packet_fields(const Packet& packet);

/// What `packet` has where a rule asks for `key`: the field's value, both ports
/// for `port`, the version for `family`; "none" where it has no such thing.
/// `payload` has no value of its own: see payload_text().
[[nodiscard]] std::string field_text(const Packet& packet,
                                     std::string_view key);

/// The bytes at the place that `asked` looks at, in hexadecimal; or why there
/// are none.
[[nodiscard]] std::string payload_text(const Packet& packet,
                                       const PayloadMatch& asked);

}  // namespace xdpgate
