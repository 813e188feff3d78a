// SPDX-License-Identifier: GPL-2.0-only
// Headers that are cut short or lie: every class of the packet reader, and two
// frames that only look wrong.
#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"

namespace xdpgate::pcaps {
namespace {

const Path kPath4 = {kScanner4, kWeb4, 47};
const Path kPath6 = {kScanner6, kWeb6, 47};
const Bytes kSyn4 = ip(kPath4, kTcp, tcp(kPath4, {1024, 80}));

// `bytes` with another value at `at`.
Bytes bent(Bytes bytes, std::size_t at, std::uint8_t value) {
  bytes.at(at) = value;
  return bytes;
}

void add4(Capture& capture, std::uint8_t protocol, const Bytes& payload) {
  capture.add_bare(frame(kPath4, ip(kPath4, protocol, payload)));
}
void add6(Capture& capture, std::uint8_t protocol, const Bytes& payload) {
  capture.add_bare(frame(kPath6, ip(kPath6, protocol, payload)));
}
void add_bent4(Capture& capture, std::size_t at, std::uint8_t value) {
  capture.add_bare(frame(kPath4, with_checksum(bent(kSyn4, at, value))));
}

void add_link(Capture& capture) {
  const Bytes whole = frame(kPath4, kSyn4);
  capture.add_bare(cut(whole, 10));                          // ether-short
  capture.add_bare(cut(tagged(whole, {{0x8100, 10}}), 16));  // vlan-short
  capture.add_bare(tagged(whole, std::vector<Tag>(5, {0x8100, 10})));
}

constexpr std::size_t kVersionAt = 0, kTotalAt = 2;

void add_ipv4(Capture& capture) {
  const Bytes whole = frame(kPath4, kSyn4);
  capture.add_bare(cut(whole, 14 + 10));  // ipv4-short
  capture.add_bare(cut(frame(kPath4, bent(kSyn4, kVersionAt, 0x4f)), 60));
  add_bent4(capture, kVersionAt, 0x65);  // ipv4-version
  add_bent4(capture, kVersionAt, 0x44);  // ipv4-ihl
  add_bent4(capture, kTotalAt + 1, 19);  // ipv4-length
  add_bent4(capture, kTotalAt + 1, 200);
}

void add_ipv6(Capture& capture) {
  const Bytes syn = tcp(kPath6, {1024, 80});
  const Bytes packet = ip(kPath6, kTcp, syn);
  capture.add_bare(frame(kPath6, cut(packet, 39)));          // ipv6-short
  capture.add_bare(frame(kPath6, bent(packet, 0, 0x45)));    // ipv6-version
  capture.add_bare(frame(kPath6, bent(packet, 5, 21)));      // ipv6-length
  add6(capture, kHopByHop, Bytes{kTcp, 31} + Bytes(30, 0));  // ext-short
  add6(capture, kFragment, Bytes{kUdp, 0, 0, 0});
  Bytes chain = syn;
  for (int i = 0; i < 9; ++i) {
    const std::uint8_t next = i == 0 ? kTcp : kDestination;
    chain = Bytes{next, 0, 1, 4, 0, 0, 0, 0} + chain;
  }
  add6(capture, kDestination, chain);  // ext-depth
}

void add_upper(Capture& capture) {
  const Bytes syn = tcp(kPath4, {1024, 80});
  add4(capture, kTcp, cut(syn, 12));  // tcp-short
  add4(capture, kTcp, bent(syn, 12, 0xf0));
  add4(capture, kTcp, bent(syn, 12, 0x40));              // tcp-offset
  add4(capture, kUdp, be16(1024) + be16(53) + be16(8));  // udp-short
  add4(capture, kUdpLite, be16(1024) + be16(53));
  add4(capture, kUdp, be16(1024) + be16(53) + be16(7) + be16(0));  // udp-length
  add6(capture, kUdp, be16(1024) + be16(53) + be16(900) + be16(0));
  add4(capture, kIcmp, Bytes{8, 0, 0, 0, 0, 1});  // icmp-short
  add6(capture, kIcmpv6, Bytes{128, 0});
  add4(capture, kSctp, be16(1024) + be16(80) + be32(0));           // sctp-short
  add6(capture, kDccp, be16(1024) + be16(80) + be32(0x05000000));  // dccp-short
}

// A total length of 0 stands for the frame's own; what is behind the packet is
// padding.
void add_sound(Capture& capture) {
  add_bent4(capture, kTotalAt + 1, 0);
  capture.add_bare(frame(kPath4, kSyn4) + Bytes(30, 0xff));
}

}  // namespace

Capture malformed_capture() {
  Capture capture;
  add_link(capture);
  add_ipv4(capture);
  add_ipv6(capture);
  add_upper(capture);
  add_sound(capture);
  return capture;
}

}  // namespace xdpgate::pcaps
