// SPDX-License-Identifier: GPL-2.0-only
// A packet from the command line: in words, in hexadecimal, or one of a
// capture.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "cli/command.h"

namespace xdpgate {

/// How a packet is named on a command line.
struct PacketOptions {
  std::string text;       ///< PACKET: words, or digits where `hex`
  bool hex = false;
  std::string capture;    ///< --pcap
  std::uint64_t frame = 0;  ///< --frame, 1-based; 0: not given
  std::string interface;  ///< -i
};

/// A frame, and the interface that it comes in by ("": none).
struct PacketInput {
  std::vector<std::uint8_t> frame;
  std::string interface;
};

/// Adds --hex, --pcap, --frame and -i.
void add_packet_options(CLI::App& command, PacketOptions& options);

/// The packet that `options` name. Where there is none it has been said why,
/// on behalf of `command`: the exit code.
[[nodiscard]] std::expected<PacketInput, ExitCode> read_packet_or_say(
    const std::string& command, const PacketOptions& options);

}  // namespace xdpgate
