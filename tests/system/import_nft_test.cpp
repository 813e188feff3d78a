// SPDX-License-Identifier: GPL-2.0-only
// Random nftables rulesets, in force at the ingress of an interface, against
// the policies that they are imported as: the same packets get through.
//
// Every packet has a source MAC of its own; a second chain notes those of the
// packets that the first one let through.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/dice.h"
#include "import/nft.h"
#include "packet/build_frame.h"
#include "packet/packet_sampler.h"
#include "packet/packet_text.h"
#include "packet/random_packet.h"
#include "policy/evaluate.h"
#include "policy/load.h"
#include "policy/names_address.h"
#include "tests/support/child.h"
#include "tests/support/seeds.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {
namespace {

using Words = std::vector<std::string>;

constexpr int kRulesets = 12;
constexpr int kPackets = 150;
constexpr std::size_t kLeastTagged = 20;

const Words kLink = {"ether daddr 02:00:00:00:00:02",
                     "ether daddr != 02:00:00:00:00:02",
                     "meta protocol arp",
                     "meta protocol { ip, ip6 }",
                     "ether type { ip, arp }",
                     "vlan id 5",
                     "vlan id 1-9"};
const Words kIpv4 = {"ip saddr 192.0.2.0/24",
                     "ip saddr != 192.0.2.0/25",
                     "ip saddr 192.0.2.7-192.0.2.200",
                     "ip saddr @some",
                     "ip daddr { 198.51.100.1, 198.51.100.128/25 }",
                     "ip daddr != @some",
                     "ip protocol udp",
                     "ip ttl < 60",
                     "ip ttl >= 64",
                     "ip length 0-60",
                     "ip length > 100",
                     "ip dscp ef",
                     "ip ecn ce",
                     "ip frag-off & 0x1fff != 0",
                     "ip frag-off & 0x1fff == 0",
                     "ip frag-off & 0x3fff != 0"};
const Words kIpv6 = {"ip6 saddr 2001:db8::/32",
                     "ip6 saddr != 2001:db8::1",
                     "ip6 daddr { 2001:db8::2, 2001:db8:1::/48 }",
                     "ip6 hoplimit 255",
                     "ip6 hoplimit != 64",
                     "ip6 length < 100"};
const Words kUpper = {"tcp dport 22",
                      "tcp dport != 80",
                      "tcp dport { 22, 80, 1000-2000 }",
                      "tcp sport @ports",
                      "tcp flags & (syn|ack) == syn",
                      "tcp flags & (fin|rst) != 0",
                      "tcp flags == syn",
                      "tcp flags != syn",
                      "tcp flags ! syn",
                      "tcp flags { syn, syn|ack, ack }",
                      "tcp flags & (syn|ack|rst) != { syn, ack }",
                      "udp dport 53",
                      "udp sport >= 1024",
                      "udp dport != { 53, 123 }",
                      "meta l4proto tcp",
                      "meta l4proto != tcp",
                      "meta l4proto { tcp, udp } th dport 53",
                      "meta l4proto 47"};
const Words kIcmp = {"icmp type echo-request", "icmp type != echo-request",
                     "icmp code 0", "icmpv6 type nd-neighbor-solicit",
                     "icmpv6 type { echo-request, echo-reply }"};

class Ruleset {
 public:
  explicit Ruleset(Dice& dice) : dice_(dice) {}

  std::string text() {
    const bool drops = dice_.one_in(2);
    std::string text =
        "table netdev t {\n"
        "  set seen { type ether_addr; size 4096; flags dynamic; }\n"
        "  set some { type ipv4_addr; flags interval; elements = { "
        "192.0.2.64/26, 198.51.100.0/25 } }\n"
        "  set ports { type inet_service; flags interval; elements = { 53, "
        "1024-40000 } }\n"
        "  set macs { type ether_addr; elements = { 02:00:00:00:00:02 } }\n"
        "  map fates { type inet_service : verdict; elements = { 22 : accept, "
        "53 : jump more, 80 : goto more } }\n"
        "  chain more {\n";
    for (int i = 0; i < 2; ++i) text += "    " + rule("accept", "drop");
    if (dice_.one_in(3)) text += "    return\n    drop\n";
    text += fmt::format(
        "  }}\n  chain first {{\n    type filter hook ingress device v1 "
        "priority "
        "0; policy {};\n",
        drops ? "drop" : "accept");
    const auto count = dice_.between(1, 8);
    for (std::uint64_t i = 0; i < count; ++i) {
      text += "    " + rule(drops ? "accept" : "drop", any_verdict());
    }
    if (dice_.one_in(3)) text += "    tcp dport vmap @fates\n";
    if (dice_.one_in(3)) {
      text += "    udp dport vmap { 53 : jump more, 1-52 : drop }\n";
    }
    return text +
           "  }\n  chain last {\n    type filter hook ingress device v1 "
           "priority 1; policy accept;\n    update @seen { ether saddr }\n"
           "  }\n}\n";
  }

 private:
  std::string any_verdict() {
    return dice_.pick({"accept", "drop", "counter", "jump more", "return"});
  }

  // One condition or more, of one family.
  std::string rule(const std::string& often, const std::string& seldom) {
    const std::string verdict = dice_.one_in(2) ? often : seldom;
    if (dice_.one_in(8)) return "tcp dport vmap { 22 : accept, 80 : drop }\n";
    // Before another match nft forgets it when it lists the rule.
    if (dice_.one_in(12)) return "ether type ip " + verdict + "\n";
    std::string text;
    auto add = [&](const Words& words) { text += dice_.pick(words) + " "; };
    if (dice_.one_in(6)) add(kLink);
    if (dice_.one_in(2)) add(dice_.one_in(2) ? kIpv4 : kIpv6);
    if (dice_.one_in(2) || text.empty()) add(dice_.one_in(5) ? kIcmp : kUpper);
    return text + verdict + "\n";
  }

  Dice& dice_;
};

Finished nft(Words arguments) {
  arguments.insert(arguments.begin(), "nft");
  return run(arguments);
}

class ImportedNft : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (!IsSkipped() && run({"sh", "-c", "command -v nft"}).exit_code != 0) {
      GTEST_SKIP() << "needs nft";
    }
  }

  // The policy of a ruleset that nft takes; it is in force then.
  static std::optional<Policy> import(const std::string& ruleset) {
    (void)nft({"flush", "ruleset"});
    const auto file = write_file("rules.nft", ruleset);
    if (nft({"-f", file}).exit_code != 0) return std::nullopt;
    const auto draft =
        import_nft(nft({"-j", "list", "ruleset"}).out, "netdev t first");
    if (!draft) {
      ADD_FAILURE() << draft.error().message << "\n" << ruleset;
      return std::nullopt;
    }
    // What is left out of the chain would show as a difference.
    if (!std::ranges::all_of(draft->left_out, is_of_other_chain)) {
      return std::nullopt;
    }
    Diagnostics diagnostics;
    auto policy = parse_policy(draft->yaml(), "p.yaml", diagnostics);
    EXPECT_TRUE(policy) << diagnostics.sorted()[0].text() << draft->yaml();
    return policy;
  }

  static bool is_of_other_chain(const LeftOut& item) {
    return item.why.ends_with("is not the one translated") ||
           item.why.starts_with("nothing that is translated jumps");
  }

  static std::vector<PacketSpec> packets_for(const Policy& policy, Dice& dice) {
    PacketSampler sampler(policy, Traffic::kVaried);
    std::vector<PacketSpec> packets;
    for (std::uint64_t i = 0; i < kPackets; ++i) {
      const auto rule = dice.below(policy.rules.size() + 1);
      std::optional<PacketSpec> spec;
      if (rule < policy.rules.size()) {
        spec = sampler.sample(static_cast<std::uint32_t>(rule), dice);
      }
      if (!spec) {
        spec =
            random_packet(dice.one_in(2) ? Family::kIpv4 : Family::kIpv6, dice);
      }
      // Headers that nft does not walk, as the policy's head says.
      std::erase_if(spec->extensions, [](const Extension& e) {
        return e.kind == 51 || e.kind == 135 || e.kind == 139 || e.kind == 140;
      });
      // nft takes the first bytes of later fragments for ports.
      const bool other = spec->protocol == 47 || spec->protocol == 50;
      if (spec->fragment == Fragment::kLater && !other) {
        spec->fragment = Fragment::kNone;
      }
      spec->interface.clear();
      // Behind more than one it sees no IP, as the head says as well.
      if (spec->tags.size() > 1) spec->tags.resize(1);
      for (auto& tag : spec->tags) {
        if (tag.tpid == 0x9100) tag.tpid = 0x8100;
      }
      // Linux drops tagged frames that nobody has padded.
      if (build_frame(*spec).size() < kLeastTagged) spec->tags.clear();
      spec->src_mac = 0x02'00'00'01'00'00 + i;
      // An MTU that a veth takes, and not so short that it is padded.
      if (spec->length.value_or(0) > 1400) spec->length = 1400;
      packets.push_back(std::move(*spec));
    }
    return packets;
  }

  // The source MACs of what got through.
  static std::set<std::uint64_t> seen() {
    std::set<std::uint64_t> macs;
    const auto json = nlohmann::json::parse(
        nft({"-j", "list", "set", "netdev", "t", "seen"}).out);
    for (const auto& item : json["nftables"]) {
      if (!item.contains("set") || !item["set"].contains("elem")) continue;
      for (const auto& elem : item["set"]["elem"]) {
        macs.insert(*parse_mac(elem.get<std::string>()));
      }
    }
    return macs;
  }

  void compare(const Policy& policy, const std::string& ruleset, Dice& dice) {
    const auto packets = packets_for(policy, dice);
    for (const PacketSpec& spec : packets) send("v0", build_frame(spec), 1);
    const auto passed = seen();
    for (const PacketSpec& spec : packets) {
      const auto frame = build_frame(spec);
      const Packet packet = dissect(frame, "v1");
      const bool expect = evaluate(policy, packet).decision.verdict == XG_PASS;
      ASSERT_EQ(passed.contains(spec.src_mac), expect)
          << packet_text(packet) << "\n"
          << ruleset << policy.source;
      ++compared_;
    }
  }

  std::size_t compared_ = 0;
};

TEST_F(ImportedNft, PassesWhatNftPasses) {
  const SeedRange seeds = seeds_of(0, kRulesets, true);
  int used = 0;
  for (std::uint64_t i = 0; used < kRulesets && i < 20 * kRulesets; ++i) {
    Dice dice(seeds.first + i);
    const std::string ruleset = Ruleset(dice).text();
    const auto policy = import(ruleset);
    if (!policy) continue;  // nft does not take it, or it cannot be said
    SCOPED_TRACE(fmt::format("seed {}", seeds.first + i));
    compare(*policy, ruleset, dice);
    if (HasFatalFailure()) return;
    ++used;
  }
  fmt::print("{} rulesets, {} packets\n", used, compared_);
  EXPECT_EQ(used, kRulesets);
}

}  // namespace
}  // namespace xdpgate::test
