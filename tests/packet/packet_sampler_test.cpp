// SPDX-License-Identifier: GPL-2.0-only
// Samples satisfy their rule, by the evaluator and by the native engine; and
// where there are none, random packets find none either.
#include "packet/packet_sampler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "compile/compile.h"
#include "engine/engine.h"
#include "packet/build_frame.h"
#include "policy/describe.h"
#include "policy/evaluate.h"
#include "tests/packet/policies.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"

namespace xdpgate {
namespace {

constexpr int kSamples = 60;

using test::policy_of;

std::unique_ptr<Engine> engine_of(const Policy& policy) {
  auto image = compile(policy, {[&](const std::string& name) {
                         return pseudo_ifindex(policy, name);
                       }});
  if (!image) throw std::runtime_error(image.error().line());
  return make_native_engine(std::move(*image));
}

// A match, as it stands between the braces of a rule.
std::string one_rule(const std::string& match) {
  return "version: 1\nname: one\ninterfaces: [eth0, eth1]\nsets:\n"
         "  nets: {type: address, elements: [192.0.2.0/24, \"2001:db8::/32\","
         " 198.51.100.7]}\n"
         "  half: {type: address, elements: [0.0.0.0/1]}\n"
         "  web: {type: port, elements: [80, 443, 8000-8099]}\n"
         "rules:\n  - {name: r, match: {" +
         match + "}, action: pass}\n";
}

struct Row {
  std::string name;
  std::string match;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.match; }

const Row kPossible[] = {
    {"Empty", ""},
    {"Interface", "interface: eth1"},
    {"NotInterface", "interface: {not: [eth0, eth1]}"},
    {"Mac", "src_mac: \"02:aa:bb:cc:dd:ee\", dst_mac: \"01:00:00:00:00:00/01:"
            "00:00:00:00:00\""},
    {"NotMac", "src_mac: {not: [\"02:00:00:00:00:00/ff:00:00:00:00:00\", "
               "\"00:00:00:00:00:00/80:00:00:00:00:00\"]}"},
    {"Ethertype", "ethertype: [arp, lldp, 0-1500]"},
    {"NotEthertype", "ethertype: {not: [ipv4, ipv6]}"},
    {"Vlan", "vlan: 5"},
    {"VlanNone", "vlan: none, ethertype: arp"},
    {"InnerVlan", "vlan: 100-200, inner_vlan: {not: 7}"},
    {"InnerNone", "vlan: any, inner_vlan: none"},
    {"Family", "family: ipv6"},
    {"Addresses", "src: [10.0.0.0/8, \"fe80::/10\"], dst: 192.0.2.9"},
    {"NotAddress", "src: {not: [0.0.0.0/0, \"::/1\"]}"},
    {"NotAddressInV4", "family: ipv4, src: {not: [0.0.0.0/1, 128.0.0.0/2, "
                       "192.0.2.0-255.255.255.255]}"},
    {"Sets", "src: \"@nets\", dst: {not: [\"@half\", \"@nets\"]}"},
    {"Protocol", "protocol: [tcp, udp, 47, 100-110]"},
    {"NotProtocol", "protocol: {not: [tcp, udp]}"},
    {"ProtocolOfExtension", "protocol: ipv6-route"},
    {"Ports", "protocol: tcp, src_port: 1024-65535, dst_port: \"@web\""},
    {"PortAlone", "dst_port: 53"},
    {"EitherPort", "port: [53, 5353]"},
    {"NeitherPort", "port: {not: 0-65534}"},
    {"EitherAndOne", "port: 53, dst_port: {not: 53}"},
    {"Flags", "tcp_flags: \"syn/syn,ack\""},
    {"FlagList", "tcp_flags: [syn, fin]"},
    {"NotFlags", "tcp_flags: {not: [syn/syn, ack/ack, \"0x800/0x800\"]}"},
    {"Icmp", "icmp_type: echo-request"},
    {"Icmpv6", "family: ipv6, icmp_type: 133-137, icmp_code: 0"},
    {"NotIcmpType", "icmp_type: {not: [0, 8]}, icmp_code: {not: 0}"},
    {"Ttl", "ttl: [1, 255]"},
    {"DscpEcn", "dscp: [ef, af11], ecn: ce"},
    {"Length", "length: 61-100"},
    {"LengthOfTcpLater", "protocol: tcp, length: 20-39"},
    {"LengthLongest", "length: 131071"},
    {"LengthOfHalfIcmpv6", "protocol: icmpv6, family: ipv6, length: 44"},
    {"FragmentAny", "fragment: any"},
    {"FragmentFirst", "fragment: first, protocol: udp, dst_port: 53"},
    {"FragmentLater", "fragment: later, family: ipv6, protocol: udp"},
    {"Options", "ip_options: true"},
    {"NoOptions", "ip_options: false, fragment: first"},
    {"PayloadData", "payload: {at: data, offset: 7, bytes: deadbeef}"},
    {"PayloadMask",
     "payload: {at: data, offset: 0, bytes: 40c0, mask: f0f0}, protocol: udp"},
    {"NotPayload", "payload: {not: {at: data, offset: 4, bytes: 00000000}}"},
    {"PayloadFar", "payload: {at: data, offset: 60000, bytes: ff}"},
    {"PayloadOfProtocol", "payload: {at: ip, offset: 9, bytes: 59}"},
    {"PayloadOfIhl", "payload: {at: ip, offset: 0, bytes: 4f}, protocol: tcp"},
    {"PayloadOfTotal", "payload: {at: ip, offset: 2, bytes: 0123}, "
                       "family: ipv4"},
    {"PayloadOfV6Length", "payload: {at: ip, offset: 4, bytes: 0123}, "
                          "family: ipv6"},
    {"PayloadOfFragment", "payload: {at: ip, offset: 6, bytes: \"00b0\", "
                          "mask: \"e0ff\"}, family: ipv4"},
    {"PayloadOfV6Fragment", "payload: {at: ip, offset: 42, bytes: \"0008\"}, "
                            "family: ipv6, fragment: later"},
    {"PayloadOfAddress",
     "payload: {at: ip, offset: 12, bytes: c000020a, mask: ffffff0f}, "
     "src: [192.0.2.0/24, 198.51.100.0/24]"},
    {"PayloadOfRoutingHeader", "payload: {at: ip, offset: 6, bytes: 2b}, "
                               "family: ipv6, dst_port: 80"},
    {"PayloadOfSecondExtension",
     "payload: {at: ip, offset: 40, bytes: \"3302\"}, family: ipv6, "
     "ip_options: true, protocol: udp"},
    {"PayloadOfPorts", "payload: {at: l4, offset: 0, bytes: \"00500000\", "
                       "mask: fffff000}, dst_port: 1000-5000"},
    {"PayloadOfTcpOffset", "payload: {at: l4, offset: 12, bytes: \"80\", "
                           "mask: f0}, tcp_flags: syn/syn"},
    {"PayloadOfUdpLength", "payload: {at: l4, offset: 4, bytes: \"0050\"}, "
                           "protocol: udp"},
    {"PayloadOfDccpOffset", "payload: {at: l4, offset: 4, bytes: \"08\"}, "
                            "protocol: dccp"},
    {"PayloadOfChecksum", "payload: {at: l4, offset: 16, bytes: beef}, "
                          "protocol: tcp"},
    {"PayloadOfTags", "payload: {at: ether, offset: 12, bytes: 88a8000581000007"
                      "0800}, protocol: tcp"},
    {"PayloadOfDeepTag", "payload: {at: ether, offset: 24, bytes: 91000009"
                         "0800}"},
    {"PayloadOfMac", "payload: {at: ether, offset: 4, bytes: a1b2c3d4}, "
                     "src_mac: \"c3:00:00:00:00:00/ff:00:00:00:00:00\""},
    {"PayloadNotIp", "payload: {at: ether, offset: 100, bytes: \"01\"}, "
                     "ethertype: lldp"},
    {"PayloadNotVersion", "payload: {not: {at: ip, offset: 0, bytes: \"45\"}}, "
                          "family: ipv4, protocol: udp"},
    {"Everything",
     "interface: eth0, src_mac: \"02:00:00:00:00:07\", vlan: 5, inner_vlan: 6, "
     "family: ipv4, src: \"@nets\", dst: {not: \"@half\"}, protocol: tcp, "
     "src_port: 1000-2000, dst_port: \"@web\", tcp_flags: \"ack/syn,ack\", "
     "ttl: 5-9, dscp: cs1, ecn: ect0, length: 90-300, fragment: first, "
     "ip_options: true, payload: {at: data, offset: 2, bytes: 474554}"},
};

class Possible : public testing::TestWithParam<Row> {};

// The beginning of a frame.
std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text = fmt::format("{} bytes ", bytes.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 120); ++i) {
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

TEST_P(Possible, SamplesAreDecidedByTheRule) {
  const Policy policy = policy_of(one_rule(GetParam().match));
  const auto engine = engine_of(policy);
  for (Traffic traffic : {Traffic::kPlain, Traffic::kVaried}) {
    PacketSampler sampler(policy, traffic);
    Dice dice(7);
    for (int i = 0; i < kSamples; ++i) {
      const auto spec = sampler.sample(0, dice);
      ASSERT_TRUE(spec) << "sample " << i;
      const auto frame = build_frame(*spec);
      const Packet packet = dissect(frame, spec->interface);
      EXPECT_EQ(packet.packet_class, XG_CLASS_OK) << hex(frame);
      EXPECT_TRUE(matches(policy, policy.rules[0].match, packet)) << hex(frame);
      const auto decision =
          engine->judge(frame, pseudo_ifindex(policy, spec->interface));
      ASSERT_TRUE(decision);
      EXPECT_EQ(decision->rule, 0u) << hex(frame);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, Possible, testing::ValuesIn(kPossible),
                         [](const auto& row) { return row.param.name; });

// Contradictions that check() lets pass, since it looks at keys one by one.
const Row kImpossible[] = {
    {"TcpTooShort", "protocol: tcp, length: 20-39, fragment: none"},
    {"LongerThanIpv6", "family: ipv6, length: 65576-131071"},
    {"FragmentWithoutOptions",
     "family: ipv6, fragment: any, ip_options: false"},
    {"PortsOfALaterFragment", "dst_port: 80, fragment: later"},
    {"OneOuterTagMissing", "vlan: none, inner_vlan: 5"},
    {"PayloadAgainstProtocol",
     "protocol: udp, family: ipv4, payload: {at: ip, offset: 9, bytes: \"06\"}"},
    {"PayloadAgainstAddress",
     "src: 192.0.2.0/24, payload: {at: ip, offset: 12, bytes: c6}"},
    {"PayloadAgainstPort",
     "dst_port: 80-90, payload: {at: l4, offset: 2, bytes: \"0000\", mask: "
     "\"00ff\"}"},
    {"PayloadAgainstItself",
     "family: ipv4, payload: {at: ip, offset: 0, bytes: \"65\"}"},
    {"PayloadBehindTheEnd",
     "length: 0-100, payload: {at: ip, offset: 100, bytes: ff}"},
    {"EveryAddressExcluded", "family: ipv4, src: {not: 0.0.0.0/0}"},
    {"EveryFlagExcluded",
     "tcp_flags: {not: [syn/syn, \"none/syn,ack\", \"ack/syn,ack\"]}"},
    {"EveryMacExcluded",
     "src_mac: {not: [\"00:00:00:00:00:00/01:00:00:00:00:00\", "
     "\"01:00:00:00:00:00/01:00:00:00:00:00\"]}"},
    {"UdpLengthBelow8",
     "protocol: udp, payload: {at: l4, offset: 4, bytes: \"0007\"}"},
    {"ExtensionAsProtocol", "family: ipv6, protocol: ipv6-route"},
};

class Impossible : public testing::TestWithParam<Row> {};

TEST_P(Impossible, HasNoSample) {
  const Policy policy = policy_of(one_rule(GetParam().match));
  PacketSampler sampler(policy);
  Dice dice(1);
  EXPECT_FALSE(sampler.sample(0, dice));
  EXPECT_FALSE(sampler.sample(0, dice));
}

INSTANTIATE_TEST_SUITE_P(Keys, Impossible, testing::ValuesIn(kImpossible),
                         [](const auto& row) { return row.param.name; });

// Random policies: each rule has samples, or no random packet matches it.
TEST(PacketSampler, FindsWhatThereIs) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  for (std::uint64_t round = 0; round < 30; ++round) {
    const Policy policy = policy_of(test::random_policy_text(seed + round));
    PacketSampler sampler(policy, Traffic::kVaried);
    test::RandomPackets packets(seed + round);
    Dice dice(seed + round);
    std::vector<std::uint32_t> without;
    for (std::uint32_t rule = 0; rule < policy.rules.size(); ++rule) {
      if (!sampler.sample(rule, dice)) without.push_back(rule);
    }
    for (int i = 0; !without.empty() && i < 3000; ++i) {
      const auto frame = packets.next();
      const Packet packet = dissect(frame, dice.pick({"i0", "i1", "i2", "x"}));
      if (packet.packet_class != XG_CLASS_OK) continue;
      for (std::uint32_t rule : without) {
        ASSERT_FALSE(matches(policy, policy.rules[rule].match, packet))
            << describe(policy.rules[rule], policy) << "\n" << hex(frame);
      }
    }
  }
}

// The engine finds in samples what the evaluator finds.
TEST(PacketSampler, EnginesAgreeOnSamples) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  for (std::uint64_t round = 0; round < 30; ++round) {
    const Policy policy = policy_of(test::random_policy_text(seed + round));
    const auto engine = engine_of(policy);
    PacketSampler sampler(policy, Traffic::kVaried);
    Dice dice(seed + round);
    for (int i = 0; i < 300; ++i) {
      const auto rule =
          static_cast<std::uint32_t>(dice.below(policy.rules.size()));
      const auto spec = sampler.sample(rule, dice);
      if (!spec) continue;
      const auto frame = build_frame(*spec);
      const auto truth = evaluate(policy, dissect(frame, spec->interface));
      const auto decision =
          engine->judge(frame, pseudo_ifindex(policy, spec->interface));
      ASSERT_TRUE(decision);
      ASSERT_EQ(*decision, truth.decision) << hex(frame);
    }
  }
}

TEST(PacketSampler, DrawsCornersAndInside) {
  const Policy policy =
      policy_of(one_rule("src: 192.0.2.0/24, protocol: udp, dst_port: 10-20"));
  PacketSampler sampler(policy);
  Dice dice(3);
  std::set<std::uint32_t> hosts, ports;
  for (int i = 0; i < 400; ++i) {
    const auto spec = sampler.sample(0, dice);
    hosts.insert(static_cast<std::uint32_t>(spec->src) & 0xff);
    ports.insert(spec->dst_port);
  }
  EXPECT_TRUE(hosts.contains(0) && hosts.contains(255));
  EXPECT_GT(hosts.size(), 50u);
  EXPECT_EQ(ports.size(), 11u);
}

TEST(PacketSampler, PlainTrafficIsPlain) {
  const Policy policy = policy_of(one_rule(""));
  PacketSampler sampler(policy);
  Dice dice(4);
  std::set<std::uint16_t> types;
  for (int i = 0; i < 100; ++i) {
    const auto spec = sampler.sample(0, dice);
    types.insert(spec->ethertype);
    EXPECT_TRUE(spec->tags.empty() && spec->extensions.empty() &&
                spec->option_words == 0 && spec->fragment == Fragment::kNone);
  }
  EXPECT_EQ(types, (std::set<std::uint16_t>{kEtherIpv4, kEtherIpv6}));
}

// Only where rules tell interfaces apart does a packet have one.
TEST(PacketSampler, NamesAnInterfaceWhereItMatters) {
  Dice dice(4);
  const Policy without = policy_of(one_rule("protocol: tcp"));
  EXPECT_EQ(PacketSampler(without).sample(0, dice)->interface, "");
  const Policy with = policy_of(
      one_rule("interface: eth1") +
      "  - {name: s, match: {protocol: tcp}, action: pass}\n"
      "  - {name: t, match: {interface: {not: [eth0, eth1]}}, action: pass}\n");
  PacketSampler sampler(with);
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) seen.insert(sampler.sample(1, dice)->interface);
  EXPECT_EQ(seen, (std::set<std::string>{"eth0", "eth1"}));
  EXPECT_EQ(sampler.sample(0, dice)->interface, "eth1");
  EXPECT_EQ(sampler.sample(2, dice)->interface, "other0");
}

TEST(PacketSampler, SameSeedSamePackets) {
  const Policy policy = policy_of(test::random_policy_text(5));
  auto draw = [&] {
    PacketSampler sampler(policy, Traffic::kVaried);
    Dice dice(6);
    std::vector<std::optional<PacketSpec>> specs;
    for (int i = 0; i < 100; ++i) specs.push_back(sampler.sample(0, dice));
    return specs;
  };
  EXPECT_EQ(draw(), draw());
}

// A million prefixes in a set, asked for and excluded.
TEST(PacketSampler, LargeSetsAreNotCopied) {
  Policy policy = policy_of(one_rule("src: \"@nets\", dst: {not: \"@half\"}"));
  std::vector<Interval<std::uint32_t>> every_fourth;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    every_fourth.push_back({i * 4096, i * 4096 + 1023});
  }
  policy.address_sets[0].elements = {IntervalSet(std::move(every_fourth)), {}};
  policy.address_sets[1].elements.v4 = policy.address_sets[0].elements.v4;
  PacketSampler sampler(policy);
  Dice dice(8);
  const std::clock_t start = std::clock();
  for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(sampler.sample(0, dice));
  // Of the processor, not of the clock; a copy each would take a minute.
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
}

}  // namespace
}  // namespace xdpgate
