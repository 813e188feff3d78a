// SPDX-License-Identifier: GPL-2.0-only
// Floods and scans, as they come in to a server.
#include <random>

#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"
#include "pcaps/generate/talk.h"

namespace xdpgate::pcaps {
namespace {

using Random = std::mt19937;  // the standard fixes its numbers

void add_syn(Capture& capture, const Path& path, std::uint16_t from,
             std::uint16_t to, std::uint32_t seq) {
  capture.send(path, ip(path, kTcp, tcp(path, {from, to, kSyn, seq})), 20);
}

// A SYN of a made-up source; three in ten are IPv6.
void add_spoofed_syn(Capture& capture, Random& random) {
  const unsigned number = random();
  const bool v6 = number % 10 < 3;
  const auto port = static_cast<std::uint16_t>(1024 + random() % 64000);
  const std::uint32_t seq = random();
  const Path path = v6 ? Path{attacker6(number / 10), kWeb6, 243}
                       : Path{attacker4(number / 10), kWeb4, 243};
  add_syn(capture, path, port, 443, seq);
}

void visit(Capture& capture, const Path& path, std::uint16_t port) {
  TcpTalk(capture, path, port, 443, View::kIncoming)
      .open()
      .ask(padded(hex("16030100c8 010000c4 0303"), 205))
      .answer(text("answer"))
      .close();
}

constexpr std::uint16_t kScannedPorts[] = {
    21,   22,   23,   25,   53,   80,   110,  111,  135,  139,
    143,  443,  445,  465,  587,  993,  995,  1433, 1521, 1723,
    2049, 3306, 3389, 5060, 5432, 5900, 6379, 8080, 8443, 9200};

void scan_tcp(Capture& capture, const Path& path, std::uint16_t flags) {
  for (const std::uint16_t port : kScannedPorts) {
    capture.send(path, ip(path, kTcp, tcp(path, {61000, port, flags, 777})),
                 2000);
  }
}

// Flags that no connection has, against a port that is open and one that is
// not.
void probe_flags(Capture& capture, const Path& path) {
  constexpr std::uint16_t kStrange[] = {
      0, kFin, kFin | kPsh | kUrg, kSyn | kFin, kSyn | kRst, 0x3f};
  for (const std::uint16_t flags : kStrange) {
    for (const std::uint16_t port : {80, 81}) {
      capture.send(path, ip(path, kTcp, tcp(path, {61001, port, flags, 777})),
                   2000);
    }
  }
}

}  // namespace

Capture syn_flood_capture() {
  Capture capture;
  Random random(1);
  for (int burst = 0; burst < 10; ++burst) {
    for (int i = 0; i < 100; ++i) add_spoofed_syn(capture, random);
    const auto port = static_cast<std::uint16_t>(50000 + burst);
    visit(
        capture,
        burst % 2 == 0 ? Path{kClient4, kWeb4, 57} : Path{kClient6, kWeb6, 57},
        port);
  }
  return capture;
}

Capture scan_capture() {
  Capture capture;
  const Path v4 = {kScanner4, kWeb4, 47};
  const Path v6 = {kScanner6, kWeb6, 47};
  capture.send(v4, ip(v4, kIcmp, icmp(v4, 8, 0, be32(1))));
  scan_tcp(capture, v4, kSyn);
  scan_tcp(capture, v6, kSyn);
  probe_flags(capture, v4);
  for (const std::uint16_t port : {53, 69, 123, 161, 1900, 11211}) {
    capture.send(v4, ip(v4, kUdp, udp(v4, 61002, port)), 2000);
  }
  return capture;
}

}  // namespace xdpgate::pcaps
