// SPDX-License-Identifier: GPL-2.0-only
#include "pcaps/generate/captures.h"

namespace xdpgate::pcaps {
namespace {

constexpr std::size_t kEtherBytes = 14;
constexpr std::uint32_t kSnap = 96;

// tcp.pcap as a tunnel interface gives it: IP packets without Ethernet.
Capture raw_capture() {
  const Capture tcp = tcp_capture();
  Capture raw;
  for (const Record& record : tcp.records()) {
    raw.add_bare({record.frame.begin() + kEtherBytes, record.frame.end()});
  }
  return raw;
}

// tcp.pcap as `tcpdump -i any` gives it: behind a cooked header.
Capture cooked_capture() {
  const Capture tcp = tcp_capture();
  Capture cooked;
  for (const Record& record : tcp.records()) {
    const Bytes& frame = record.frame;
    const Bytes sender(frame.begin() + 6, frame.begin() + 12);
    const Bytes head = be16(0) + be16(1) + be16(6) + padded(sender, 8);
    cooked.add_bare(head + Bytes(frame.begin() + 12, frame.end()));
  }
  return cooked;
}

}  // namespace

std::vector<CaptureFile> capture_files() {
  return {
      {"cooked.pcap", pcap_file(cooked_capture(), kCooked)},
      {"dns.pcap", pcap_file(dns_capture())},
      {"extensions.pcap", pcap_file(extensions_capture())},
      {"fragments.pcap", pcap_file(fragments_capture())},
      {"icmp.pcap", pcap_file(icmp_capture())},
      {"malformed.pcap", pcap_file(malformed_capture())},
      {"mixed.pcapng", pcapng_file(mixed_capture())},
      {"neighbours.pcap", pcap_file(neighbours_capture())},
      {"protocols.pcap", pcap_file(protocols_capture())},
      {"raw-ip.pcap", pcap_file(raw_capture(), kRawIp)},
      {"scan.pcap", pcap_file(scan_capture())},
      {"snapped.pcap", pcap_file(tcp_capture(), kEthernet, kSnap)},
      {"syn-flood.pcap", pcap_file(syn_flood_capture())},
      {"tcp.pcap", pcap_file(tcp_capture())},
      {"udp.pcap", pcap_file(udp_capture())},
      {"vlan.pcap", pcap_file(vlan_capture())},
  };
}

}  // namespace xdpgate::pcaps
