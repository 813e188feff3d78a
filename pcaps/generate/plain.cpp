// SPDX-License-Identifier: GPL-2.0-only
// Plain TCP, UDP, ICMP and other protocols, of both families.
#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"
#include "pcaps/generate/talk.h"

namespace xdpgate::pcaps {
namespace {

const Path kClientToWeb4 = {kClient4, kWeb4, 57};
const Path kClientToWeb6 = {kClient6, kWeb6, 57};
const Path kOfficeToWeb4 = {kOffice4, kWeb4, 61};
const Path kOfficeToWeb6 = {kOffice6, kWeb6, 61};

// The start of a TLS 1.3 ClientHello and of its answer; then zeros.
const Bytes kClientHello = padded(hex("16030100c8 010000c4 0303"), 205);
const Bytes kServerHello = padded(hex("160303007a 02000076 0303"), 127);

void browse(Capture& capture) {
  TcpTalk(capture, kClientToWeb4, 49152, 80)
      .open()
      .ask(text("GET / HTTP/1.1\r\nHost: www.example\r\n\r\n"))
      .answer(text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"))
      .close();
  TcpTalk(capture, kClientToWeb6, 49153, 443)
      .open()
      .ask(kClientHello)
      .answer(kServerHello)
      .close();
}

void log_in(Capture& capture, const Path& path, std::uint16_t port) {
  TcpTalk(capture, path, port, 22)
      .open()
      .answer(text("SSH-2.0-OpenSSH_9.2p1\r\n"))
      .ask(text("SSH-2.0-OpenSSH_9.2p1\r\n"));
}

void ask_udp(Capture& capture, const Path& path, std::uint16_t from,
             std::uint16_t to, const Bytes& data, const Bytes& answer) {
  capture.send(path, ip(path, kUdp, udp(path, from, to, data)));
  const Path back = path.back();
  capture.send(back, ip(back, kUdp, udp(back, to, from, answer)));
}

void ping(Capture& capture, const Path& path, std::size_t data_bytes) {
  const Path back = path.back();
  const Bytes rest = be16(77) + be16(1) + padded({}, data_bytes);
  const bool v6 = path.from.v6;
  const std::uint8_t protocol = v6 ? kIcmpv6 : kIcmp;
  capture.send(path, ip(path, protocol, icmp(path, v6 ? 128 : 8, 0, rest)));
  capture.send(back, ip(back, protocol, icmp(back, v6 ? 129 : 0, 0, rest)));
}

// An ICMP error about a packet that the web server had sent to `path.from`.
void report(Capture& capture, const Path& path, std::uint8_t type,
            std::uint8_t code, std::uint32_t word) {
  const Path sent = {path.to, kClient4};
  const Path sent6 = {path.to, kClient6};
  const Path& lost = path.from.v6 ? sent6 : sent;
  const Bytes original =
      ip(lost, kTcp, tcp(lost, {443, 49152, kAck, 5001, 1001}));
  const std::uint8_t protocol = path.from.v6 ? kIcmpv6 : kIcmp;
  capture.send(
      path, ip(path, protocol, icmp(path, type, code, be32(word) + original)));
}

void errors(Capture& capture) {
  const Path router4 = {"192.0.2.1", kWeb4, 60};
  const Path router6 = {"2001:db8:2::1", kWeb6, 60};
  report(capture, router4, 3, 1, 0);           // host unreachable
  report(capture, router4, 3, 4, 1400);        // fragmentation needed
  report(capture, router4, 11, 0, 0);          // time exceeded
  report(capture, router6, 1, 4, 0);           // port unreachable
  report(capture, router6, 2, 0, 1400);        // packet too big
  report(capture, router6, 3, 0, 0);           // time exceeded
  report(capture, router4, 5, 1, 0xc0000281);  // redirect to 192.0.2.129
}

}  // namespace

Capture tcp_capture() {
  Capture capture;
  browse(capture);
  log_in(capture, kOfficeToWeb4, 50022);
  log_in(capture, kOfficeToWeb6, 50023);
  TcpTalk(capture, kClientToWeb4, 49154, 23).refused();
  TcpTalk(capture, kClientToWeb6, 49155, 23).refused();
  return capture;
}

Capture udp_capture() {
  Capture capture;
  const Bytes ntp = padded(hex("23000000"), 48);
  ask_udp(capture, kClientToWeb4, 40001, 123, ntp, ntp);
  ask_udp(capture, kClientToWeb6, 40002, 123, ntp, ntp);
  const Bytes quic = padded(hex("c3 00000001 08"), 1200);
  ask_udp(capture, kClientToWeb4, 40003, 443, quic, quic);
  ask_udp(capture, kClientToWeb6, 40004, 443, quic, quic);
  const Path syslog = kOfficeToWeb4;
  capture.send(syslog, ip(syslog, kUdp,
                          udp(syslog, 40005, 514, text("<13>office: hello"))));
  for (std::uint8_t hop = 1; hop <= 3; ++hop) {  // what is left on arrival
    const Path trace = {kClient4, kWeb4, hop};
    const auto port = static_cast<std::uint16_t>(33433 + hop);
    capture.send(trace, ip(trace, kUdp, udp(trace, 40006, port)));
  }
  return capture;
}

Capture icmp_capture() {
  Capture capture;
  ping(capture, kClientToWeb4, 56);
  ping(capture, kClientToWeb6, 56);
  ping(capture, kOfficeToWeb4, 56);
  ping(capture, kClientToWeb4, 1400);
  ping(capture, kClientToWeb6, 1400);
  errors(capture);
  const Path& path = kClientToWeb4;
  capture.send(path,
               ip(path, kIcmp, icmp(path, 13, 0, be32(1) + Bytes(12, 0))));
  return capture;
}

Capture protocols_capture() {
  Capture capture;
  const Bytes sctp_init = be16(5000) + be16(36412) + be32(0) + be32(0) +
                          hex("01000014") + padded({}, 16);
  const Bytes dccp_request =
      be16(5001) + be16(5002) + hex("05000000 00000000 00000001") + be32(42);
  for (const Path& path : {kClientToWeb4, kClientToWeb6}) {
    capture.send(path, ip(path, kUdpLite,
                          udp(path, 5004, 5004, text("half"), kUdpLite)));
    capture.send(path, ip(path, kSctp, sctp_init));
    capture.send(path, ip(path, kDccp, dccp_request));
    capture.send(path, ip(path, kGre, hex("00000800") + padded({}, 20)));
    capture.send(path, ip(path, kEsp, be32(0x1001) + be32(1) + Bytes(32, 0)));
  }
  return capture;
}

}  // namespace xdpgate::pcaps
