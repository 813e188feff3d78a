// SPDX-License-Identifier: GPL-2.0-only
// Fields in words, and that each stands where it is said to.
#include "explain/packet_fields.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/explain/explained.h"
#include "tests/support/random_packets.h"

namespace xdpgate::test {
namespace {

// "key value@offset", the MACs left out.
std::string fields_of(const std::string& words) {
  const auto frame = frame_of(words);
  std::string text;
  for (const auto& field : packet_fields(dissect(frame, ""))) {
    if (field.key.ends_with("mac")) continue;
    text += (text.empty() ? "" : " ") + std::string(field.key) + " " +
            field.text + (field.at ? fmt::format("@{}", *field.at) : "");
  }
  return text;
}

struct Row {
  const char* words;
  const char* fields;
};

TEST(PacketFields, AreNamedAndPlaced) {
  const Row rows[] = {
      {"arp", "ethertype arp@12"},
      {"tcp 192.0.2.1:1000 > 198.51.100.1:22 syn,ack vlan 5 vlan 7",
       "ethertype ipv4@20 vlan 5@14 inner_vlan 7@18 family ipv4@22 "
       "src 192.0.2.1@34 dst 198.51.100.1@38 protocol tcp@31 "
       "src_port 1000@42 dst_port 22@44 tcp_flags syn,ack@54 ttl 64@30 "
       "dscp cs0@23 ecn not-ect@23 length 40@24 fragment none@28 "
       "ip_options false@22"},
      {"icmp6 2001:db8::1 > 2001:db8::2 nd-neighbor-solicit ttl 255",
       "ethertype ipv6@12 family ipv6@14 src 2001:db8::1@22 "
       "dst 2001:db8::2@38 protocol icmpv6@20 icmp_type "
       "nd-neighbor-solicit@54 icmp_code 0@55 ttl 255@21 dscp cs0@14 "
       "ecn not-ect@15 length 48@18 fragment none ip_options false@20"},
      {"udp 2001:db8::1 > 2001:db8::2 frag later opts",
       "ethertype ipv6@12 family ipv6@14 src 2001:db8::1@22 "
       "dst 2001:db8::2@38 protocol udp@62 ttl 64@21 dscp cs0@14 "
       "ecn not-ect@15 length 56@18 fragment later@64 ip_options true@20"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(fields_of(row.words), row.fields) << row.words;
  }
}

// What stands at a field's place, as a number.
std::uint64_t number_at(const Bytes& frame, const FoundField& field,
                        bool is_v6) {
  static const std::map<std::string_view, std::size_t> kBytes = {
      {"vlan", 2},     {"inner_vlan", 2}, {"src_port", 2},
      {"dst_port", 2}, {"length", 2},     {"ttl", 1},
      {"icmp_code", 1}, {"icmp_type", 1}, {"protocol", 1}};
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kBytes.at(field.key); ++i) {
    value = value << 8 | frame.at(*field.at + i);
  }
  if (field.key.ends_with("vlan")) value &= 0xfff;
  return field.key == "length" && is_v6 ? value + 40 : value;
}

TEST(PacketFields, StandWhereTheyAreSaidTo) {
  RandomPackets packets(7);
  int compared = 0;
  for (int i = 0; i < 4000; ++i) {
    const Bytes frame = packets.next();
    const Packet packet = dissect(frame, "");
    const bool is_v6 = packet.src && packet.src->family == Family::kIpv6;
    for (const FoundField& field : packet_fields(packet)) {
      if (!field.number || !field.at || field.key == "dscp" ||
          field.key == "ecn") {
        continue;
      }
      const std::uint64_t there = number_at(frame, field, is_v6);
      if (field.key == "length" && there == 0) continue;  // the frame's own
      ASSERT_EQ(there, *field.number) << field.key << " of " << i;
      ++compared;
    }
  }
  EXPECT_GT(compared, 5000);
}

TEST(FieldText, SaysWhatIsNotThere) {
  const auto frame = frame_of("icmp 192.0.2.1 > 198.51.100.1");
  const Packet packet = dissect(frame, "");
  EXPECT_EQ(field_text(packet, "port"), "none");
  EXPECT_EQ(field_text(packet, "interface"), "none");
  EXPECT_EQ(field_text(packet, "ttl"), "64");
  const auto udp = frame_of("udp 192.0.2.1:7 > 198.51.100.1:9");
  EXPECT_EQ(field_text(dissect(udp, "eth0"), "port"), "7 > 9");
  EXPECT_EQ(field_text(dissect(udp, "eth0"), "interface"), "eth0");
}

TEST(PayloadText, SaysTheBytesOrWhyThereAreNone) {
  const auto udp = frame_of("udp 192.0.2.1:7 > 198.51.100.1:9 data 0102");
  const Packet packet = dissect(udp, "");
  EXPECT_EQ(payload_text(packet, {PayloadBase::kData, 1, {0}, {0}, false}),
            "02");
  EXPECT_EQ(payload_text(packet, {PayloadBase::kData, 2, {0}, {0}, false}),
            "the packet ends at data+2");
  const auto arp = frame_of("arp");
  EXPECT_EQ(payload_text(dissect(arp, ""),
                         {PayloadBase::kL4, 0, {0}, {0}, false}),
            "no l4");
}

}  // namespace
}  // namespace xdpgate::test
