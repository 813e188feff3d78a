// SPDX-License-Identifier: GPL-2.0-only
// A DNS server under attack, as it comes in: honest questions, and between
// them random-subdomain, amplification and reflection floods.
#include <algorithm>
#include <random>

#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"
#include "pcaps/generate/talk.h"

namespace xdpgate::pcaps {
namespace {

using Random = std::mt19937;

constexpr std::uint16_t kTypeA = 1, kTypeAaaa = 28, kTypeAny = 255;
constexpr std::uint16_t kQuestion = 0x0100;  // recursion desired
constexpr std::uint16_t kAnswer = 0x8180;

// "www.example" as labels, RFC 1035.
Bytes name(std::string_view dotted) {
  Bytes labels;
  while (!dotted.empty()) {
    const std::string_view label = dotted.substr(0, dotted.find('.'));
    labels.push_back(static_cast<std::uint8_t>(label.size()));
    labels = labels + text(label);
    dotted.remove_prefix(std::min(label.size() + 1, dotted.size()));
  }
  return labels + Bytes{0};
}

// One question; with EDNS (RFC 6891) as resolvers send it.
Bytes message(std::uint16_t id, std::uint16_t flags, std::string_view about,
              std::uint16_t type) {
  return be16(id) + be16(flags) + be16(1) + be16(0) + be16(0) + be16(1) +
         name(about) + be16(type) + be16(1) + hex("00 0029 04d0 00000000 0000");
}

std::uint16_t any_port(Random& random) {
  return static_cast<std::uint16_t>(1024 + random() % 64000);
}

Path to_dns(const Address& from, std::uint8_t ttl = 57) {
  return {from, from.v6 ? kDns6 : kDns4, ttl};
}

void send_udp(Capture& capture, const Path& path, std::uint16_t from,
              std::uint16_t to, const Bytes& data) {
  capture.send(path, ip(path, kUdp, udp(path, from, to, data)), 100);
}

void ask_honestly(Capture& capture, Random& random) {
  const std::uint32_t number = random() % 100;
  const auto id = static_cast<std::uint16_t>(random());
  const Path path = number % 2 == 0
                        ? to_dns("192.0.2." + std::to_string(1 + number))
                        : to_dns("2001:db8:2::" + std::to_string(1 + number));
  send_udp(capture, path, any_port(random), 53,
           message(id, kQuestion, "www.example",
                   number % 3 == 0 ? kTypeAaaa : kTypeA));
}

// qxkzvbnmrt.victim.example: every name a new one, so that no cache helps.
void ask_random_name(Capture& capture, Random& random) {
  std::string label;
  for (int i = 0; i < 10; ++i) {
    label += static_cast<char>('a' + random() % 26);
  }
  const unsigned number = random();
  const Path path = number % 4 == 0 ? to_dns(attacker6(number / 4), 243)
                                    : to_dns(attacker4(number / 4), 243);
  send_udp(capture, path, any_port(random), 53,
           message(static_cast<std::uint16_t>(number), kQuestion,
                   label + ".victim.example", kTypeA));
}

// ". ANY" in the victim's name: a small question with a big answer.
void ask_for_everything(Capture& capture, Random& random) {
  const Path path = to_dns(attacker4(random()), 243);
  send_udp(capture, path, any_port(random), 53,
           message(0x1111, kQuestion, "", kTypeAny));
}

// Answers that nobody here has asked for: of resolvers, and of services that
// others abuse as amplifiers.
void reflect(Capture& capture, Random& random) {
  const Path path = to_dns(attacker4(random()), 243);
  send_udp(capture, path, 53, 53,
           message(0x2222, kAnswer, "big.example", kTypeAny) + Bytes(400, 0));
  const Bytes amplified(440, 0);
  for (const std::uint16_t service : {19, 123, 389, 1900, 11211}) {
    send_udp(capture, path, service, any_port(random), amplified);
  }
}

// Two fragments of an answer of 2,000 bytes.
void reflect_in_fragments(Capture& capture, Random& random) {
  const Path path = to_dns(attacker4(random()), 243);
  const Bytes datagram = udp(path, 53, any_port(random), Bytes(2000, 0));
  const Bytes rest(datagram.begin() + 1400, datagram.end());
  capture.send(path, ip(path, kUdp, cut(datagram, 1400), {{}, 0x2000, 5}), 100);
  capture.send(path, ip(path, kUdp, rest, {{}, 1400 / 8, 5}), 100);
}

// A question that no resolver asks: too long, or from a privileged port.
void ask_strangely(Capture& capture) {
  const Path path = to_dns(kScanner4, 47);
  const Bytes question = message(9, kQuestion, "www.example", kTypeA);
  send_udp(capture, path, 40102, 53, padded(question, 600));
  send_udp(capture, path, 100, 53, question);
}

// Answers to what the server has asked its primary: a zone and its number.
void transfer(Capture& capture) {
  const Path by_tcp = {kDns4, "203.0.113.53", 64};
  TcpTalk(capture, by_tcp, 40103, 53, View::kIncoming)
      .open()
      .ask(text("question"))
      .answer(Bytes(500, 0))
      .close();
  const Path by_udp = {"2001:db8:1::53", kDns6, 61};
  send_udp(capture, by_udp, 53, 40104,
           message(10, kAnswer, "www.example", kTypeA));
}

void ask_by_tcp(Capture& capture, const Address& from, std::uint16_t port) {
  const Bytes question = message(7, kQuestion, "www.example", kTypeA);
  TcpTalk(capture, to_dns(from), port, 53, View::kIncoming)
      .open()
      .ask(be16(static_cast<std::uint32_t>(question.size())) + question)
      .answer(text("answer"))
      .close();
}

}  // namespace

Capture dns_capture() {
  Capture capture;
  Random random(2);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 5; ++i) ask_honestly(capture, random);
    for (int i = 0; i < 20; ++i) ask_random_name(capture, random);
    for (int i = 0; i < 10; ++i) ask_for_everything(capture, random);
    reflect(capture, random);
    reflect_in_fragments(capture, random);
  }
  ask_by_tcp(capture, kClient4, 40100);
  ask_by_tcp(capture, kClient6, 40101);
  TcpTalk(capture, to_dns(kOffice4), 50100, 22, View::kIncoming)
      .open()
      .ask(text("SSH-2.0-OpenSSH_9.2p1\r\n"));
  ask_strangely(capture);
  transfer(capture);
  const Path ping = to_dns(kClient4);
  const Path ping6 = to_dns(kClient6);
  capture.send(ping, ip(ping, kIcmp, icmp(ping, 8, 0, be32(1))));
  capture.send(ping6, ip(ping6, kIcmpv6, icmp(ping6, 128, 0, be32(1))));
  return capture;
}

}  // namespace xdpgate::pcaps
