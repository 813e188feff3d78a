// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "bench/hard/hard_set.h"
#include "policy/names_address.h"

namespace xdpgate::hard {

std::string policy_head(const char* name) {
  return fmt::format("version: 1\nname: {}\ndefault: pass\n", name);
}

std::string rule_line(std::size_t number, const std::string& match) {
  return fmt::format("  - {{name: r{}, match: {{{}}}, action: {}}}\n", number,
                     match, number % 2 ? "pass" : "drop");
}

namespace {

constexpr std::size_t kRules = 10'000;
constexpr std::size_t kRareRules = 1'000;
constexpr std::size_t kVlans = 4'096;
constexpr std::size_t kCountRules = 8;

using Range = std::pair<std::uint64_t, std::uint64_t>;

Range range_around(std::uint64_t point, std::uint64_t max, Dice& dice) {
  return {dice.between(0, point), dice.between(point, max)};
}

Range any_range(std::uint64_t max, Dice& dice) {
  const std::uint64_t a = dice.between(0, max);
  const std::uint64_t b = dice.between(0, max);
  return {std::min(a, b), std::max(a, b)};
}

// The prefix of a length 1..`longest` that holds `address`.
std::string prefix_around(std::uint32_t address, unsigned longest, Dice& dice) {
  const auto length = static_cast<unsigned>(dice.between(1, longest));
  const auto host = static_cast<std::uint32_t>(0xffff'ffffull >> length);
  const std::uint32_t first = address & ~host;
  return to_text(AddressRange{Family::kIpv4, first, first | host});
}

// Different matches, as many as asked, by `one`.
HardSet different(const char* name, std::size_t count, Dice& dice,
                  std::string (*one)(Dice& dice)) {
  HardSet result{policy_head(name) + "rules:\n", {}};
  std::set<std::string> known;
  while (known.size() < count) {
    const std::string match = one(dice);
    if (!known.insert(match).second) continue;
    result.policy += rule_line(known.size(), match);
  }
  return result;
}

HardSet overlap(Dice& dice) {
  return different("overlap", kRules, dice, [](Dice& d) {
    const Range src = range_around(40000, 65535, d);
    const Range dst = range_around(443, 65535, d);
    return fmt::format(
        "src: {}, dst: {}, protocol: tcp, src_port: {}-{}, dst_port: {}-{}",
        prefix_around(0xc0000201, 28, d), prefix_around(0xc6336401, 28, d),
        src.first, src.second, dst.first, dst.second);
  });
}

HardSet ports(Dice& dice) {
  return different("ports", kRules, dice, [](Dice& d) {
    const Range range = any_range(65535, d);
    return fmt::format("protocol: tcp, dst_port: {}-{}", range.first,
                       range.second);
  });
}

HardSet both_ports(Dice& dice) {
  return different("both-ports", kRules, dice, [](Dice& d) {
    const Range src = any_range(65535, d);
    const Range dst = any_range(65535, d);
    return fmt::format("protocol: udp, src_port: {}-{}, dst_port: {}-{}",
                       src.first, src.second, dst.first, dst.second);
  });
}

HardSet ttl(Dice& dice) {
  return different("ttl", kRareRules, dice, [](Dice& d) {
    const Range range = any_range(255, d);
    return fmt::format("dst: 198.51.100.1, ttl: {}-{}", range.first,
                       range.second);
  });
}

HardSet length(Dice& dice) {
  return different("length", kRareRules, dice, [](Dice& d) {
    const Range range = any_range(65535, d);
    return fmt::format("dst: 198.51.100.1, length: {}-{}", range.first,
                       range.second);
  });
}

HardSet flags(Dice& dice) {
  return different("flags", kRareRules, dice, [](Dice& d) {
    const std::uint64_t mask = d.between(1, 0xfff);
    return fmt::format("dst: 198.51.100.1, tcp_flags: \"0x{:x}/0x{:x}\"",
                       d.below(0x1000) & mask, mask);
  });
}

HardSet vlan(Dice&) {
  HardSet result{policy_head("vlan") + "rules:\n", {}};
  for (std::size_t id = 0; id < kVlans; ++id) {
    result.policy +=
        rule_line(id, fmt::format("dst: 198.51.100.1, vlan: {}", id));
  }
  return result;
}

HardSet payload(Dice& dice) {
  return different("payload", kRareRules, dice, [](Dice& d) {
    return fmt::format(
        "dst: 198.51.100.1, protocol: udp, payload: {{at: data, offset: 0, "
        "bytes: \"{:08x}\"}}",
        d.below(1ull << 32));
  });
}

HardSet payload_places(Dice& dice) {
  return different("payload-places", kRareRules, dice, [](Dice& d) {
    return fmt::format(
        "dst: 198.51.100.1, protocol: udp, payload: {{at: data, offset: {}, "
        "bytes: \"{:02x}\"}}",
        d.below(1400), d.below(256));
  });
}

HardSet mac(Dice& dice) {
  return different("mac", kRules, dice, [](Dice& d) {
    return fmt::format("src_mac: \"{}\"", mac_text(d.below(1ull << 48)));
  });
}

// Count rules for every packet, then rules of five fields.
HardSet wildcards(Dice& dice) {
  HardSet result{policy_head("wildcards") + "rules:\n", {}};
  for (std::size_t i = 0; i < kCountRules; ++i) {
    result.policy += fmt::format("  - {{name: all-{}, action: count}}\n", i);
  }
  for (std::size_t i = 0; i < kRules; ++i) {
    const auto src = static_cast<std::uint32_t>(dice.next());
    const auto dst = static_cast<std::uint32_t>(dice.next());
    result.policy += rule_line(
        i, fmt::format("src: {}, dst: {}, protocol: tcp, dst_port: {}",
                       prefix_around(src, 32, dice),
                       prefix_around(dst, 32, dice), dice.below(65536)));
  }
  return result;
}

}  // namespace

std::vector<HardSetKind> rule_kinds() {
  return {
      {"overlap", "10,000 rules of five fields that all share a packet",
       overlap},
      {"ports", "10,000 different ranges of one port", ports},
      {"both-ports", "10,000 different pairs of port ranges", both_ports},
      {"ttl", "1,000 rules that differ in their TTL range only", ttl},
      {"length", "1,000 rules that differ in their length range only", length},
      {"flags", "1,000 rules that differ in TCP flags and mask only", flags},
      {"vlan", "4,096 rules that differ in their VLAN only", vlan},
      {"payload", "1,000 rules that differ in four payload bytes only",
       payload},
      {"payload-places", "1,000 rules that differ in one payload byte's place",
       payload_places},
      {"mac", "10,000 rules on a MAC each", mac},
      {"wildcards", "8 count rules for every packet before 10,000 rules",
       wildcards},
  };
}

}  // namespace xdpgate::hard
