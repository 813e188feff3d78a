// SPDX-License-Identifier: GPL-2.0-only
#include "cli/packet_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/hex.h"
#include "base/text.h"
#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "pcap/capture.h"

namespace xdpgate {
namespace {

using Input = std::expected<PacketInput, ExitCode>;

std::unexpected<ExitCode> wrong(const std::string& command,
                                const std::string& message) {
  misuse(command, message);
  return std::unexpected(kUsage);
}

std::string with_hint(const Complaint& complaint) {
  return complaint.hint.empty()
             ? complaint.message
             : fmt::format("{} ({})", complaint.message, complaint.hint);
}

Input from_words(const std::string& command, const PacketOptions& options) {
  auto spec = parse_packet_text(options.text);
  if (!spec) return wrong(command, "PACKET: " + with_hint(spec.error()));
  if (!options.interface.empty()) spec->interface = options.interface;
  return PacketInput{build_frame(*spec), spec->interface};
}

// Blanks and colons between bytes are how other tools print them.
Input from_hex(const std::string& command, const PacketOptions& options) {
  std::string digits = options.text;
  std::erase_if(digits, [](char c) {
    return c == ' ' || c == ':' || c == '\n' || c == '\t';
  });
  auto frame = parse_hex(digits);
  if (!frame) {
    return wrong(command, in_quotes(options.text) +
                              " is not a frame in hexadecimal digits");
  }
  return PacketInput{std::move(*frame), options.interface};
}

Input from_capture(const PacketOptions& options) {
  auto reader = CaptureReader::open(options.capture);
  if (!reader) return std::unexpected(ExitCode(refuse(reader.error())));
  Frame frame;
  for (;;) {
    auto more = reader->next(frame);
    if (!more) return std::unexpected(ExitCode(refuse(more.error())));
    if (!*more) break;
    if (frame.number != options.frame) continue;
    return PacketInput{std::move(frame.bytes), options.interface};
  }
  refuse({"find", fmt::format("frame {}", options.frame),
          fmt::format("{} has {} frames", options.capture, frame.number), ""});
  return std::unexpected(kSystem);
}

}  // namespace

void add_packet_options(CLI::App& command, PacketOptions& options) {
  command.add_flag("--hex", options.hex,
                   "PACKET is an Ethernet frame in hexadecimal digits");
  command
      .add_option("--pcap", options.capture,
                  "instead of PACKET: a frame of this capture")
      ->type_name("FILE");
  command
      .add_option("--frame", options.frame, "which one, from 1; default 1")
      ->type_name("N")
      ->check(CLI::Range(1, INT_MAX));
  command
      .add_option("-i,--interface", options.interface,
                  "the interface that it comes in by; default: none")
      ->type_name("IF");
}

std::expected<PacketInput, ExitCode> read_packet_or_say(
    const std::string& command, const PacketOptions& options) {
  if (options.capture.empty()) {
    if (options.frame != 0) return wrong(command, "--frame is for --pcap");
    if (options.text.empty()) {
      return wrong(command, "name a PACKET, or --pcap FILE --frame N");
    }
    return options.hex ? from_hex(command, options)
                       : from_words(command, options);
  }
  if (!options.text.empty() || options.hex) {
    return wrong(command, "PACKET or --pcap, not both");
  }
  PacketOptions chosen = options;
  chosen.frame = std::max<std::uint64_t>(chosen.frame, 1);
  return from_capture(chosen);
}

}  // namespace xdpgate
