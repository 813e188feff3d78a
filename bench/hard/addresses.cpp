// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <string>

#include "bench/hard/hard_set.h"
#include "policy/names_address.h"

namespace xdpgate::hard {
namespace {

constexpr std::size_t kPairs = 5'000;
constexpr std::size_t kSetElements = 8;
constexpr std::size_t kProductPrefixes = 50'000;
constexpr std::size_t kProductPorts = 1'000;
constexpr std::size_t kMillion = 1'000'000;
constexpr std::size_t kManySets = 8;
constexpr std::size_t kManyElements = 250'000;

// The lengths of public blocklists: hosts mostly, then whole networks, some
// between; few short ones, which would cover the others.
unsigned list_length(Family family, Dice& dice) {
  const bool v4 = family == Family::kIpv4;
  const std::uint64_t share = dice.below(1000);
  if (share < 550) return v4 ? 32 : 128;
  if (share < 850) return v4 ? 24 : 64;
  if (share < 995) return static_cast<unsigned>(dice.between(v4 ? 22 : 40,
                                                             v4 ? 31 : 127));
  return static_cast<unsigned>(dice.between(v4 ? 16 : 28, v4 ? 21 : 39));
}

std::string any_prefix(Family family, Dice& dice) {
  const bool v4 = family == Family::kIpv4;
  const unsigned host = (v4 ? 32 : 128) - list_length(family, dice);
  const U128 mask = (U128{1} << host) - 1;
  U128 value = dice.below(1ull << 32);
  if (!v4) {
    const U128 top = 0x2000'0000'0000'0000 | dice.next() >> 3;  // 2000::/3
    value = top << 64 | dice.next();
  }
  return to_text(AddressRange{family, value & ~mask, value | mask});
}

std::string v4_prefix(Dice& dice) { return any_prefix(Family::kIpv4, dice); }
std::string v6_prefix(Dice& dice) { return any_prefix(Family::kIpv6, dice); }
std::string mixed_prefix(Dice& dice) {
  return any_prefix(dice.one_in(2) ? Family::kIpv4 : Family::kIpv6, dice);
}

std::string feed(std::size_t lines, Dice& dice, std::string (*one)(Dice&)) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += one(dice) + "\n";
  return text;
}

std::string quoted_list(std::size_t count, Dice& dice) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{}\"{}\"", i > 0 ? ", " : "", mixed_prefix(dice));
  }
  return "[" + text + "]";
}

HardSet set_pairs(Dice& dice) {
  std::string sets = "sets:\n", rules = "rules:\n";
  for (std::size_t i = 0; i < kPairs; ++i) {
    for (char side : {'a', 'b'}) {
      sets += fmt::format("  {}{}: {{type: address, elements: {}}}\n", side, i,
                          quoted_list(kSetElements, dice));
    }
    rules += rule_line(i, fmt::format("src: \"@a{0}\", dst: \"@b{0}\"", i));
  }
  return {policy_head("set-pairs") + sets + rules, {}};
}

HardSet product(Dice& dice) {
  std::string prefixes, ports;
  for (std::size_t i = 0; i < kProductPrefixes; ++i) {
    prefixes += (i > 0 ? ", " : "") + v4_prefix(dice);
  }
  for (std::size_t i = 0; i < kProductPorts; ++i) {
    ports += fmt::format("{}{}", i > 0 ? ", " : "", 60 * i + dice.below(59));
  }
  return {policy_head("product") + "rules:\n" +
              rule_line(0, fmt::format("protocol: tcp, src: [{}], dst_port: "
                                       "[{}]",
                                       prefixes, ports)),
          {}};
}

HardSet blocklist(const char* name, Dice& dice, std::string (*one)(Dice&),
                  const char* match) {
  const std::string file = std::string(name) + ".txt";
  return {policy_head(name) +
              fmt::format("sets:\n  listed: {{type: address, file: {}}}\n",
                          file) +
              "rules:\n" + rule_line(0, match),
          {{file, feed(kMillion, dice, one)}}};
}

HardSet blocklist_v4(Dice& dice) {
  return blocklist("blocklist-v4", dice, v4_prefix, "src: \"@listed\"");
}
HardSet blocklist_v6(Dice& dice) {
  return blocklist("blocklist-v6", dice, v6_prefix, "src: \"@listed\"");
}
HardSet blocklist_mixed(Dice& dice) {
  return blocklist("blocklist-mixed", dice, mixed_prefix, "src: \"@listed\"");
}
HardSet blocklist_negated(Dice& dice) {
  return blocklist("blocklist-negated", dice, mixed_prefix,
                   "src: {not: \"@listed\"}, dst: \"@listed\", protocol: tcp");
}

// Sets that hold much of the same addresses, four prefixes in five shared.
HardSet blocklists_shared(Dice& dice) {
  HardSet result;
  std::string sets = "sets:\n", rules = "rules:\n";
  std::vector<std::string> pool(kManyElements);
  for (std::string& prefix : pool) prefix = mixed_prefix(dice);
  for (std::size_t i = 0; i < kManySets; ++i) {
    const std::string file = fmt::format("shared-{}.txt", i);
    std::string& text = result.files[file];
    for (const std::string& prefix : pool) {
      text += (dice.one_in(5) ? mixed_prefix(dice) : prefix) + "\n";
    }
    sets += fmt::format("  s{}: {{type: address, file: {}}}\n", i, file);
    rules += rule_line(
        i, fmt::format("{}: {}, dst_port: {}", i % 2 ? "dst" : "src",
                       i % 3 ? fmt::format("\"@s{}\"", i)
                             : fmt::format("{{not: \"@s{}\"}}", i),
                       1000 + i));
  }
  result.policy = policy_head("blocklists-shared") + sets + rules;
  return result;
}

}  // namespace

std::vector<HardSetKind> address_kinds() {
  return {
      {"set-pairs", "5,000 rules, each on its own pair of sets", set_pairs},
      {"product", "one rule of 50,000 prefixes x 1,000 ports", product},
      {"blocklist-v4", "a set of 1,000,000 IPv4 prefixes", blocklist_v4},
      {"blocklist-v6", "a set of 1,000,000 IPv6 prefixes", blocklist_v6},
      {"blocklist-mixed", "500,000 prefixes of each family", blocklist_mixed},
      {"blocklist-negated", "1,000,000 prefixes, negated and not",
       blocklist_negated},
      {"blocklists-shared", "8 sets of 250,000 prefixes, four in five the same",
       blocklists_shared},
  };
}

}  // namespace xdpgate::hard
