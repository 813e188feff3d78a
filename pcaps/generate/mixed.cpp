// SPDX-License-Identifier: GPL-2.0-only
// A moment at a web server's interface, as it comes in: visitors, the office,
// neighbours, and what the internet throws at every address.
#include <algorithm>

#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"
#include "pcaps/generate/talk.h"

namespace xdpgate::pcaps {
namespace {

void visit(Capture& capture, const Path& path, std::uint16_t from,
           std::uint16_t to) {
  TcpTalk(capture, path, from, to, View::kIncoming)
      .open()
      .ask(text("GET / HTTP/1.1\r\nHost: www.example\r\n\r\n"))
      .answer(text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"))
      .close();
}

void add_visitors(Capture& capture) {
  for (unsigned i = 0; i < 8; ++i) {
    const Path v4 = {"192.0.2." + std::to_string(10 + i), kWeb4, 57};
    const Path v6 = {"2001:db8:2::" + std::to_string(10 + i), kWeb6, 57};
    const auto port = static_cast<std::uint16_t>(50000 + i);
    visit(capture, v4, port, i % 4 == 0 ? 80 : 443);
    visit(capture, v6, port, 443);
  }
}

void log_in(Capture& capture, const Path& path, std::uint16_t port) {
  TcpTalk(capture, path, port, 22, View::kIncoming)
      .open()
      .ask(text("SSH-2.0-OpenSSH_9.2p1\r\n"));
}

// Neighbours at work: three ARP frames and what else is incoming.
void add_neighbours(Capture& capture) {
  const Capture all = neighbours_capture();
  for (const Record& record : all.records()) {
    const bool from_server = std::equal(kServerMac.begin(), kServerMac.end(),
                                        record.frame.begin() + 6);
    if (!from_server) capture.add(record.frame);
  }
}

void knock(Capture& capture) {
  for (unsigned i = 0; i < 30; ++i) {  // guesses of passwords
    const Path path = {attacker4(i % 6), kWeb4, 47};
    log_in(capture, path, static_cast<std::uint16_t>(51000 + i));
  }
  const Path path = {kScanner4, kWeb4, 47};
  for (const std::uint16_t port : {23, 445, 3306, 3389, 6379}) {
    capture.send(path, ip(path, kTcp, tcp(path, {61000, port})));
  }
  for (const std::uint16_t flags : {0, kFin | kPsh | kUrg, kSyn | kFin}) {
    capture.send(path, ip(path, kTcp, tcp(path, {61001, 80, flags})));
  }
}

// Answers to what this server has asked: an update by TLS, names and time.
void add_answers(Capture& capture) {
  const Path update = {kWeb4, "192.0.2.80", 64};
  TcpTalk(capture, update, 40000, 443, View::kIncoming)
      .open()
      .ask(text("hello"))
      .answer(text("news"))
      .close();
  for (const std::uint16_t service : {53, 123}) {
    const Path v4 = {"203.0.113.53", kWeb4, 61};
    const Path v6 = {"2001:db8:1::53", kWeb6, 61};
    const auto port = static_cast<std::uint16_t>(40001 + service);
    capture.send(v4, ip(v4, kUdp, udp(v4, service, port, Bytes(48, 0))));
    capture.send(v6, ip(v6, kUdp, udp(v6, service, port, Bytes(48, 0))));
  }
}

void add_noise(Capture& capture) {
  for (unsigned i = 0; i < 12; ++i) {  // reflected answers
    const Path path = {attacker4(40 + i), kWeb4, 243};
    const auto service = static_cast<std::uint16_t>(i % 2 == 0 ? 11211 : 123);
    capture.send(path, ip(path, kUdp, udp(path, service, 443, Bytes(440, 0))),
                 50);
  }
  const Path lost = {kClient4, kWeb4, 57};
  capture.send(lost, ip(lost, kIcmp, icmp(lost, 8, 0, be32(1))));
  capture.send(lost, ip(lost, kIcmp, icmp(lost, 8, 0, Bytes(1404, 0))));
  capture.send(lost, ip(lost, kTcp, Bytes(64, 0), {{}, 0x2000 | 185, 3}));
  const Bytes routed = hex("8307 08 c0000281 00");  // loose source route
  capture.send(lost, ip(lost, kTcp, tcp(lost, {50100, 443}), {routed}));
  const Path martian = {"127.0.0.1", kWeb4, 243};
  capture.send(martian, ip(martian, kTcp, tcp(martian, {50101, 443})));
  capture.send(lost, ip(lost, kTcp, cut(tcp(lost, {50102, 443}), 12)));
}

}  // namespace

Capture mixed_capture() {
  Capture capture;
  add_neighbours(capture);
  add_answers(capture);
  add_visitors(capture);
  log_in(capture, {kOffice4, kWeb4, 61}, 50022);
  log_in(capture, {kOffice6, kWeb6, 61}, 50022);
  knock(capture);
  add_noise(capture);
  return capture;
}

}  // namespace xdpgate::pcaps
