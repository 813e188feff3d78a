// SPDX-License-Identifier: GPL-2.0-only
// What neighbours on a link say to each other, and VLAN tags.
#include "pcaps/generate/captures.h"
#include "pcaps/generate/hosts.h"

namespace xdpgate::pcaps {
namespace {

const Address kRouter4 = "198.51.100.1";
const Address kRouterLinkLocal = "fe80::1";
const Address kServerLinkLocal = "fe80::10";
constexpr std::uint8_t kOnLink = 255;  // hop limit of RFC 4861

Bytes mac_bytes(const Mac& mac) { return {mac.begin(), mac.end()}; }

// RFC 826; operation 1 asks, 2 answers.
Bytes arp(std::uint16_t operation, const Mac& sender, const Address& from,
          const Mac& target, const Address& about) {
  return hex("0001 0800 06 04") + be16(operation) + mac_bytes(sender) +
         from.bytes + mac_bytes(target) + about.bytes;
}

void add_arp(Capture& capture) {
  const Mac none = {};
  capture.add(ether(kBroadcastMac, kRouterMac, 0x0806,
                    arp(1, kRouterMac, kRouter4, none, kWeb4)));
  capture.add(ether(kRouterMac, kServerMac, 0x0806,
                    arp(2, kServerMac, kWeb4, kRouterMac, kRouter4)));
  capture.add(ether(kBroadcastMac, kServerMac, 0x0806,  // gratuitous
                    arp(1, kServerMac, kWeb4, none, kWeb4)));
}

// A Neighbor Discovery message of the router's side.
void add_nd(Capture& capture, const Path& path, std::uint8_t type,
            const Bytes& rest) {
  const Bytes packet = ip(path, kIcmpv6, icmp(path, type, 0, rest));
  capture.send(path, packet);
}

void add_neighbour_discovery(Capture& capture) {
  const Bytes source_mac = hex("0101") + mac_bytes(kRouterMac);
  const Bytes target_mac = hex("0201") + mac_bytes(kServerMac);
  const Bytes advert = hex("40000708 00000000 00000000") + source_mac;
  add_nd(capture, {"::", "ff02::1:ff00:10", kOnLink}, 135,
         be32(0) + kWeb6.bytes);  // duplicate address detection
  add_nd(capture, {kServerLinkLocal, "ff02::2", kOnLink}, 133, be32(0));
  add_nd(capture, {kRouterLinkLocal, "ff02::1", kOnLink}, 134, advert);
  add_nd(capture, {kRouterLinkLocal, "ff02::1:ff00:10", kOnLink}, 135,
         be32(0) + kWeb6.bytes + source_mac);
  add_nd(capture, {kWeb6, kRouterLinkLocal, kOnLink}, 136,
         be32(0x60000000) + kWeb6.bytes + target_mac);
  add_nd(capture, {kRouterLinkLocal, kWeb6, kOnLink}, 137,
         be32(0) + kRouterLinkLocal.bytes + kClient6.bytes);
  // From beyond the link, so that the hop limit has gone down: forged.
  add_nd(capture, {kScanner6, kWeb6, 57}, 135, be32(0) + kWeb6.bytes);
  add_nd(capture, {kScanner6, kWeb6, 57}, 134, advert);
}

// Group membership, with the router alert of RFC 2113 and RFC 2711.
void add_membership(Capture& capture) {
  const Path igmp = {kWeb4, "224.0.0.22", 1};
  const Bytes igmpv3 =  // laid out and summed like ICMP
      icmp(igmp, 0x22, 0, hex("0000 0001 04000000 e00000fb"));
  capture.send(igmp, ip(igmp, kIgmp, igmpv3, {hex("94040000")}));
  const Path query = {kRouterLinkLocal, "ff02::1", 1};
  const Bytes general = icmp(query, 130, 0, be32(0x27100000) + Bytes(20, 0));
  capture.send(query,
               ip(query, kHopByHop, hex("3a00 05020000 0100") + general));
  const Path mld = {kServerLinkLocal, "ff02::16", 1};
  const Bytes report = icmp(
      mld, 143, 0,
      be16(0) + be16(1) + hex("04000000") + Address("ff02::1:ff00:10").bytes);
  capture.send(mld, ip(mld, kHopByHop, hex("3a00 05020000 0100") + report));
}

// RFC 2131; `op` 1 is the client's, `type` the option 53.
Bytes dhcp(std::uint8_t op, std::uint8_t type) {
  const Bytes fixed = padded(Bytes{op, 1, 6, 0} + be32(0x3903f326) +
                                 Bytes(20, 0) + mac_bytes(kServerMac),
                             236);
  return padded(fixed + hex("63825363") + Bytes{53, 1, type, 255}, 300);
}

void add_dhcp(Capture& capture) {
  const Path ask = {"0.0.0.0", "255.255.255.255"};
  const Path tell = {kRouter4, kWeb4};
  for (const std::uint8_t step : {1, 3}) {  // discover and offer, request, ack
    const Bytes question = ip(ask, kUdp, udp(ask, 68, 67, dhcp(1, step)));
    const auto reply = static_cast<std::uint8_t>(step == 1 ? 2 : 5);
    const Bytes answer = ip(tell, kUdp, udp(tell, 67, 68, dhcp(2, reply)));
    capture.add(ether(kBroadcastMac, kServerMac, 0x0800, question));
    capture.add(ether(kServerMac, kRouterMac, 0x0800, answer));
  }
  const Path solicit = {kServerLinkLocal, "ff02::1:2", 1};
  const Path advertise = {kRouterLinkLocal, kServerLinkLocal, 64};
  capture.send(
      solicit,
      ip(solicit, kUdp, udp(solicit, 546, 547, hex("01102030 00080002 0000"))));
  capture.send(advertise,
               ip(advertise, kUdp, udp(advertise, 547, 546, hex("02102030"))));
}

// Neither IP nor ARP: LLDP and a spanning tree's BPDU, whose ethertype is a
// length.
void add_link_layer(Capture& capture) {
  capture.add(ether({0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}, kRouterMac, 0x88cc,
                    hex("0207 04 00005e005301 0403 05 6531 0602 0078 0000")));
  capture.add(ether({0x01, 0x80, 0xc2, 0x00, 0x00, 0x00}, kRouterMac, 38,
                    hex("424203") + padded({}, 35)));
}

Bytes syn(const Path& path, std::uint16_t port) {
  return frame(path, ip(path, kTcp, tcp(path, {49200, port})));
}

constexpr std::uint16_t kCTag = 0x8100, kSTag = 0x88a8, kOldTag = 0x9100;

}  // namespace

Capture neighbours_capture() {
  Capture capture;
  add_arp(capture);
  add_neighbour_discovery(capture);
  add_membership(capture);
  add_dhcp(capture);
  add_link_layer(capture);
  return capture;
}

Capture vlan_capture() {
  Capture capture;
  const Path v4 = {kClient4, kWeb4, 57};
  const Path v6 = {kClient6, kWeb6, 57};
  const Bytes arp_frame = ether(kBroadcastMac, kRouterMac, 0x0806,
                                arp(1, kRouterMac, kRouter4, {}, kWeb4));
  capture.add(syn(v4, 80));
  capture.add(tagged(syn(v4, 80), {{kCTag, 10}}));
  capture.add(tagged(syn(v6, 443), {{kCTag, 10}}));
  capture.add(tagged(arp_frame, {{kCTag, 10}}));
  capture.add(tagged(syn(v4, 80), {{kCTag, 5 << 13 | 0}}));  // priority only
  capture.add(tagged(syn(v4, 22), {{kCTag, 100}}));
  capture.add(tagged(syn(v4, 80), {{kCTag, 4094}}));
  capture.add(tagged(syn(v4, 80), {{kSTag, 200}, {kCTag, 10}}));
  capture.add(tagged(syn(v6, 443), {{kSTag, 200}, {kCTag, 20}}));
  capture.add(tagged(syn(v4, 80), {{kOldTag, 300}, {kCTag, 10}}));
  capture.add(tagged(syn(v4, 80), {{kSTag, 200}, {kSTag, 7}, {kCTag, 10}}));
  capture.add(tagged(syn(v6, 443),
                     {{kSTag, 200}, {kCTag, 10}, {kCTag, 11}, {kCTag, 12}}));
  return capture;
}

}  // namespace xdpgate::pcaps
