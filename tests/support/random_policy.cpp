// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/random_policy.h"

#include <fmt/format.h>

#include <vector>

#include "base/dice.h"
#include "policy/load.h"

namespace xdpgate::test {
namespace {

using Words = std::vector<std::string>;

const Words kAddresses = {
    "192.0.2.1",        "192.0.2.0/24",      "192.0.2.128/25",
    "198.51.100.0/24",  "198.51.100.7",      "203.0.113.8/29",
    "0.0.0.0/0",        "128.0.0.0/1",       "192.0.2.3-192.0.2.9",
    "192.0.2.250-198.51.100.7",
    "\"2001:db8::1\"",  "\"2001:db8::/32\"", "\"2001:db8:0:1::/64\"",
    "\"::/0\"",         "\"2001:db8::5-2001:db8::1:9\"",
    "\"2001:db8:8000::/33\"", "\"fe80::/10\"", "\"ff02::1\""};
const Words kProtocols = {"tcp",  "udp",     "icmp", "icmpv6", "sctp", "gre",
                          "dccp", "udplite", "esp",  "0",      "255",  "6-17"};
const Words kPorts = {"80",    "443",         "22",    "0",    "65535",
                      "80-90", "1024-65535", "0-1023", "53",   "\"@web\"",
                      "5353",  "1000-2000"};
const Words kFlags = {"\"syn/syn,ack\"", "\"ack/ack\"", "\"rst/rst\"",
                      "\"fin,psh,urg/fin,syn,rst,psh,ack,urg\"",
                      "\"syn/syn\""};
const Words kFlagLists = {"[syn]", "[syn, ack]", "[ack]", "[fin, psh]"};
const Words kTypes = {"echo-request", "echo-reply", "destination-unreachable",
                      "0", "3", "8", "128-129", "133-137"};
const Words kEthertypes = {"arp", "ipv4", "ipv6", "lldp", "0x0806",
                           "0x8864", "0-1500"};
const Words kMacs = {"\"02:00:00:00:00:01\"", "\"02:00:00:00:00:02\"",
                     "\"01:00:00:00:00:00/01:00:00:00:00:00\"",
                     "\"02:00:00:00:00:00/ff:ff:ff:00:00:00\"",
                     "\"ff:ff:ff:ff:ff:ff\""};
const Words kVlans = {"0", "5", "100", "4095", "5-100", "none", "any"};
const Words kTtls = {"1", "64", "0-10", "64-255", "255"};
const Words kDscps = {"cs0", "ef", "af11", "0-10", "46", "63"};
const Words kEcns = {"not-ect", "ce", "1", "0-2"};
const Words kCodes = {"0", "1", "3", "0-2", "4-255"};
const Words kLengths = {"40", "20-60", "61-65535", "28", "0-100", "1500"};
const Words kFragments = {"none", "first", "later", "any"};
const Words kPayloads = {
    "{at: ether, offset: 12, bytes: \"0800\"}",
    "{at: ether, offset: 0, bytes: \"02\"}",
    "{at: ip, offset: 9, bytes: \"06\"}",
    "{at: ip, offset: 0, bytes: \"40\", mask: \"f0\"}",
    "{at: l4, offset: 0, bytes: \"0050\", mask: \"00ff\"}",
    "{at: l4, offset: 13, bytes: \"02\", mask: \"02\"}",
    "{at: data, offset: 0, bytes: \"00000000\"}",
    "{at: data, offset: 3, bytes: \"00112233445566778899aabbccddeeff\"}"};
const Words kInterfaces = {"i0", "i1", "i2", "i3"};

// A policy in which a rule of ours can be tried alone.
const std::string kPreamble =
    "version: 1\nname: one-rule\nsets:\n"
    "  web: {type: port, elements: [80]}\n"
    "  one: {type: address, elements: [192.0.2.1, \"2001:db8::1\"]}\n"
    "  two: {type: address, elements: [192.0.2.1, \"2001:db8::1\"]}\n"
    "  three: {type: address, elements: [192.0.2.1, \"2001:db8::1\"]}\n"
    "rules:\n";

// One text of policy after the other out of one seed.
class Writer {
 public:
  explicit Writer(std::uint64_t seed) : dice_(seed) {}

  std::string policy() {
    std::string text =
        fmt::format("version: 1\nname: random\ninterfaces: [i0, i1, i2]\n"
                    "default: {}\nmalformed: {}\n",
                    dice_.pick({"pass", "drop"}),
                    dice_.pick({"pass", "drop", "match", "match"}));
    text += sets();
    text += "rules:\n";
    const std::uint64_t count = rule_count();
    for (std::uint64_t i = 0; i < count; ++i) text += sound_rule(i);
    return text;
  }

 private:
  std::uint64_t rule_count() {
    if (dice_.one_in(20)) return dice_.between(100, 400);
    return dice_.one_in(3) ? dice_.between(6, 40) : dice_.between(1, 5);
  }

  std::string sets() {
    std::string text = "sets:\n  web: {type: port, elements: [80, 443, 8000-"
                       "8099]}\n";
    for (const char* name : {"one", "two", "three"}) {
      // One of each family, so that no set makes a rule contradict itself.
      text += fmt::format("  {}: {{type: address, elements: [192.0.2.77, "
                          "\"2001:db8::77\", {}]}}\n",
                          name, fmt::join(some(kAddresses, 6), ", "));
    }
    return text;
  }

  // Dice make rules that contradict themselves (ports of ICMP), which the
  // checker refuses; those are thrown again.
  std::string sound_rule(std::uint64_t number) {
    for (;;) {
      std::string text = rule(number);
      Diagnostics diagnostics;
      if (parse_policy(kPreamble + text, "rule", diagnostics)) return text;
    }
  }

  std::string rule(std::uint64_t number) {
    // Most rules of a long policy are narrow: else the first ones decide all.
    const std::uint64_t keys = dice_.between(dice_.one_in(8) ? 0 : 1, 4);
    std::string match;
    std::vector<bool> used(kKeys.size());
    for (std::uint64_t i = 0; i < keys; ++i) {
      const std::size_t key = dice_.one_in(2) ? dice_.below(kCommonKeys)
                                              : dice_.below(kKeys.size());
      if (used[key]) continue;
      used[key] = true;
      match += match.empty() ? "" : ", ";
      match += fmt::format("{}: {}", kKeys[key].name,
                           (this->*kKeys[key].value)(*kKeys[key].words));
    }
    return fmt::format("  - {{name: r{}, match: {{{}}}, action: {}}}\n",
                       number, match,
                       dice_.pick({"pass", "drop", "drop", "count"}));
  }

  Words some(const Words& from, std::uint64_t most) {
    Words result(dice_.between(1, most));
    for (std::string& word : result) word = dice_.pick(from);
    return result;
  }

  // One word or a list of them, now and then negated.
  std::string any_of(const Words& words) {
    std::string value =
        dice_.one_in(2)
            ? dice_.pick(words)
            : fmt::format("[{}]", fmt::join(some(words, 5), ", "));
    return negated(value);
  }

  std::string one_of(const Words& words) { return dice_.pick(words); }
  std::string one_maybe_not(const Words& words) {
    return negated(dice_.pick(words));
  }

  std::string address(const Words& words) {
    Words list = some(words, dice_.one_in(3) ? 12 : 2);
    if (dice_.one_in(3)) {
      list.push_back(dice_.pick({"\"@one\"", "\"@two\"", "\"@three\""}));
    }
    return negated(fmt::format("[{}]", fmt::join(list, ", ")));
  }

  std::string flags(const Words& words) {
    if (dice_.one_in(3)) return negated(dice_.pick(kFlagLists));
    return any_of(words);
  }

  std::string negated(const std::string& value) {
    return dice_.one_in(6) ? fmt::format("{{not: {}}}", value) : value;
  }

  struct Key {
    const char* name;
    std::string (Writer::*value)(const Words&);
    const Words* words;
  };
  static constexpr std::size_t kCommonKeys = 5;  // the first of:
  static const std::vector<Key> kKeys;
  Dice dice_;
};

const Words kFamilies = {"ipv4", "ipv6"};
const Words kTruth = {"true", "false"};
const std::vector<Writer::Key> Writer::kKeys = {
    {"src", &Writer::address, &kAddresses},
    {"dst", &Writer::address, &kAddresses},
    {"protocol", &Writer::any_of, &kProtocols},
    {"dst_port", &Writer::any_of, &kPorts},
    {"src_port", &Writer::any_of, &kPorts},
    {"port", &Writer::any_of, &kPorts},
    {"tcp_flags", &Writer::flags, &kFlags},
    {"icmp_type", &Writer::any_of, &kTypes},
    {"icmp_code", &Writer::any_of, &kCodes},
    {"interface", &Writer::any_of, &kInterfaces},
    {"src_mac", &Writer::any_of, &kMacs},
    {"dst_mac", &Writer::any_of, &kMacs},
    {"ethertype", &Writer::any_of, &kEthertypes},
    {"vlan", &Writer::any_of, &kVlans},
    {"inner_vlan", &Writer::any_of, &kVlans},
    {"family", &Writer::one_maybe_not, &kFamilies},
    {"ttl", &Writer::any_of, &kTtls},
    {"dscp", &Writer::any_of, &kDscps},
    {"ecn", &Writer::any_of, &kEcns},
    {"length", &Writer::any_of, &kLengths},
    {"fragment", &Writer::any_of, &kFragments},
    {"ip_options", &Writer::one_of, &kTruth},
    {"payload", &Writer::one_maybe_not, &kPayloads},
};

}  // namespace

std::string random_policy_text(std::uint64_t seed) {
  return Writer(seed).policy();
}

}  // namespace xdpgate::test
