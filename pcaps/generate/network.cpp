// SPDX-License-Identifier: GPL-2.0-only
// What stands between IP and the upper layer: IPv6 extension headers, IPv4
// options, fragments.
#include <algorithm>

#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"

namespace xdpgate::pcaps {
namespace {

const Path kPath4 = {kClient4, kWeb4, 57};
const Path kPath6 = {kClient6, kWeb6, 57};

// An extension header in the usual form, `size` bytes, filled with PadN.
struct Extension {
  std::uint8_t type;
  std::uint8_t size = 8;
};

Bytes extension_bytes(const Extension& extension, std::uint8_t next) {
  const std::uint8_t size = extension.size;
  if (extension.type == kAh) {  // RFC 4302: 4-byte words less two
    const Bytes head = {next, static_cast<std::uint8_t>(size / 4 - 2), 0, 0};
    return padded(head + be32(0x100) + be32(1), size);
  }
  const auto units = static_cast<std::uint8_t>(size / 8 - 1);
  if (extension.type == kRouting) {  // RFC 8754: segment routing, used up
    return padded(Bytes{next, units, 4, 0, 0, 0, 0, 0} + kPath6.to.bytes, size);
  }
  return padded({next, units, 1, static_cast<std::uint8_t>(size - 4)}, size);
}

// An IPv6 packet with `chain` before `payload`.
Bytes with_chain(const std::vector<Extension>& chain, std::uint8_t protocol,
                 const Bytes& payload) {
  Bytes packet = payload;
  std::uint8_t next = protocol;
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    packet = extension_bytes(*it, next) + packet;
    next = it->type;
  }
  return ip(kPath6, next, packet);
}

const Bytes kSyn6 = tcp(kPath6, {49300, 80});
const Bytes kDatagram6 = udp(kPath6, 49301, 443, text("hello"));

void add_chain(Capture& capture, const std::vector<Extension>& chain,
               std::uint8_t protocol, const Bytes& payload) {
  capture.send(kPath6, with_chain(chain, protocol, payload));
}

void add_extensions(Capture& capture) {
  constexpr std::uint8_t kMobility = 135, kHip = 139, kShim6 = 140;
  add_chain(capture, {{kHopByHop}}, kTcp, kSyn6);
  add_chain(capture, {{kRouting, 24}}, kTcp, kSyn6);
  add_chain(capture, {{kDestination}}, kUdp, kDatagram6);
  add_chain(capture, {{kAh, 24}}, kTcp, kSyn6);
  add_chain(capture, {{kMobility, 16}}, 59, {});  // no next header
  add_chain(capture, {{kHip, 40}}, 59, {});
  add_chain(capture, {{kShim6}}, kUdp, kDatagram6);
  add_chain(capture,
            {{kHopByHop}, {kDestination, 16}, {kRouting, 24}, {kAh, 24}}, kTcp,
            kSyn6);
  add_chain(capture, std::vector<Extension>(8, {kDestination}), kUdp,
            kDatagram6);  // as many as are read
  const Path& path = kPath6;
  add_chain(capture, {{kHopByHop}}, kIcmpv6,
            icmp(path, 128, 0, be32(1) + Bytes(8, 0)));
}

void add_options(Capture& capture) {
  const Bytes syn = tcp(kPath4, {49302, 80});
  const auto add = [&](std::string_view options) {
    capture.send(kPath4, ip(kPath4, kTcp, syn, {hex(options)}));
  };
  add("94040000");             // router alert
  add("0707 04 00000000 00");  // record route
  add("44080500 00000000");    // timestamps
  add("8307 08 c0000281 00");  // loose source route, used up
  add("01010101");             // no operation, four times
  capture.send(kPath4,
               ip(kPath4, kTcp, syn, {Bytes(40, 1)}));  // as many as fit
}

constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::size_t kPart = 1400;  // of eight bytes each

// `payload` in IPv4 fragments of kPart bytes.
void add_fragments4(Capture& capture, std::uint8_t protocol,
                    const Bytes& payload, std::uint16_t id) {
  for (std::size_t at = 0; at < payload.size(); at += kPart) {
    const std::size_t end = std::min(at + kPart, payload.size());
    const Bytes part(payload.begin() + static_cast<std::ptrdiff_t>(at),
                     payload.begin() + static_cast<std::ptrdiff_t>(end));
    const bool more = end < payload.size();
    const auto word =
        static_cast<std::uint16_t>(at / 8 | (more ? kMoreFragments : 0));
    capture.send(kPath4, ip(kPath4, protocol, part, {{}, word, id}));
  }
}

// A fragment header (RFC 8200) and `part`; `word` is offset and M.
Bytes fragment6(std::uint8_t next, std::uint16_t word, const Bytes& part) {
  return ip(kPath6, kFragment,
            Bytes{next, 0} + be16(word) + be32(0xf00d) + part);
}

void add_fragments6(Capture& capture, const Bytes& payload) {
  for (std::size_t at = 0; at < payload.size(); at += kPart) {
    const std::size_t end = std::min(at + kPart, payload.size());
    const Bytes part(payload.begin() + static_cast<std::ptrdiff_t>(at),
                     payload.begin() + static_cast<std::ptrdiff_t>(end));
    const auto word =
        static_cast<std::uint16_t>(at | (end < payload.size() ? 1 : 0));
    capture.send(kPath6, fragment6(kUdp, word, part));
  }
}

void add_strange_fragments(Capture& capture) {
  capture.send(kPath6, fragment6(kUdp, 0, kDatagram6));  // atomic, RFC 6946
  // The first fragment ends inside the TCP header, which hides the flags.
  const Bytes syn = tcp(kPath4, {49303, 80});
  capture.send(kPath4, ip(kPath4, kTcp, cut(syn, 8), {{}, kMoreFragments, 9}));
  capture.send(kPath4,
               ip(kPath4, kTcp, Bytes(syn.begin() + 8, syn.end()), {{}, 1, 9}));
  // The second fragment overlaps the first.
  const Bytes datagram = udp(kPath4, 49304, 443, Bytes(92, 'a'));
  capture.send(kPath4,
               ip(kPath4, kUdp, cut(datagram, 48), {{}, kMoreFragments, 10}));
  capture.send(kPath4, ip(kPath4, kUdp, Bytes(64, 'b'), {{}, 3, 10}));
  // A later fragment whose data looks like a header for port 80.
  capture.send(kPath4, ip(kPath4, kUdp, udp(kPath4, 49305, 80, Bytes(24, 0)),
                          {{}, 185, 11}));
}

}  // namespace

Capture extensions_capture() {
  Capture capture;
  add_extensions(capture);
  add_options(capture);
  return capture;
}

Capture fragments_capture() {
  Capture capture;
  const Bytes data(3000, 'x');
  add_fragments4(capture, kUdp, udp(kPath4, 49306, 53, data), 7);
  add_fragments6(capture, udp(kPath6, 49306, 53, data));
  add_fragments4(capture, kIcmp, icmp(kPath4, 8, 0, be32(1) + data), 8);
  add_strange_fragments(capture);
  // Not a fragment: only forbidden to become one.
  capture.send(kPath4,
               ip(kPath4, kTcp, tcp(kPath4, {49307, 80}), {{}, 0x4000, 12}));
  return capture;
}

}  // namespace xdpgate::pcaps
