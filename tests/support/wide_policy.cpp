// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/wide_policy.h"

#include <fmt/format.h>

#include "tests/support/policy_words.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kMoves = 8;  // of a packet's fields, before the next
constexpr std::uint8_t kProtocols[] = {1, 6, 17, 33, 47, 50, 58, 132, 136};

struct Prefix {
  std::uint32_t value;
  unsigned length;
};

std::uint32_t host_bits(unsigned length) {
  return length >= 32 ? 0 : ~0u >> length;
}

// An IPv6 prefix has the bits of an IPv4 one behind 2001:db8::/32, and now and
// then some in its lower half.
std::string text_of(const Prefix& p, bool ipv6, bool low) {
  if (!ipv6) {
    return fmt::format("{}.{}.{}.{}/{}", p.value >> 24, p.value >> 16 & 255,
                       p.value >> 8 & 255, p.value & 255, p.length);
  }
  const std::uint32_t high = p.value >> 16, rest = p.value & 0xffff;
  return low ? fmt::format("\"2001:db8::{:x}:{:x}/{}\"", high, rest,
                           96 + p.length)
             : fmt::format("\"2001:db8:{:x}:{:x}::/{}\"", high, rest,
                           32 + p.length);
}

class Writer {
 public:
  Writer(std::uint64_t seed, std::size_t rules)
      : dice_(seed), rules_(rules), only_ports_(dice_.one_in(4)) {
    for (std::size_t i = 0; i < 4 + rules / 20; ++i) bases_.push_back(base());
  }

  std::string policy() {
    std::string text = fmt::format(
        "version: 1\nname: wide\ninterfaces: [i0, i1]\ndefault: {}\n"
        "malformed: match\nsets:\n  web: {{type: port, elements: [80]}}\n"
        "rules:\n",
        dice_.pick({"pass", "drop"}));
    for (std::size_t i = 0; i < rules_; ++i) {
      text += fmt::format(
          "  - {{name: r{}, match: {{{}}}, action: {}}}\n", i, match(),
          dice_.one_in(30) ? "count" : dice_.pick({"pass", "drop", "reject"}));
    }
    return text;
  }

 private:
  Prefix base() {
    const auto length = static_cast<unsigned>(dice_.between(4, 28));
    const auto value = static_cast<std::uint32_t>(dice_.below(1ull << 32));
    return {value & ~host_bits(length), length};
  }

  // A base, or a longer prefix in it.
  Prefix prefix() {
    const Prefix& in = dice_.pick(bases_);
    if (dice_.one_in(3)) return in;
    const auto length = static_cast<unsigned>(dice_.between(in.length, 32));
    const auto more = static_cast<std::uint32_t>(dice_.below(1ull << 32));
    return {(in.value | (more & host_bits(in.length))) & ~host_bits(length),
            length};
  }

  std::string ports() {
    const std::uint64_t a = dice_.below(65536), b = dice_.below(65536);
    switch (dice_.below(5)) {
      case 0:
        return dice_.pick({"0-1023", "1024-65535", "80", "443", "53"});
      case 1:
        return fmt::format("{}-{}", std::min(a, b), std::max(a, b));
      case 2:
        return fmt::format("{}-{}", a, std::min<std::uint64_t>(a + 9, 65535));
      default:
        return fmt::format("{}", a);
    }
  }

  // Ports of any protocol, and now and then something else.
  std::string port_match() {
    if (dice_.one_in(8))
      return fmt::format("src: {}", text_of(prefix(), false, false));
    std::string match = fmt::format("dst_port: {}", ports());
    return dice_.one_in(3) ? match + fmt::format(", src_port: {}", ports())
                           : match;
  }

  std::string match() {
    if (only_ports_) return port_match();
    const bool ipv6 = dice_.one_in(3);
    const bool low = ipv6 && dice_.one_in(4);
    std::string match = ipv6 ? "family: ipv6" : "family: ipv4";
    for (const char* key : {"src", "dst"}) {
      if (dice_.one_in(4)) continue;
      match += fmt::format(", {}: {}", key, text_of(prefix(), ipv6, low));
    }
    if (dice_.one_in(2)) {
      match += fmt::format(", protocol: {}", dice_.pick({6, 17, 132}));
    } else if (dice_.one_in(4)) {
      return match + fmt::format(", protocol: {}", dice_.pick(kProtocols));
    }
    for (const char* key : {"src_port", "dst_port"}) {
      if (dice_.one_in(2)) match += fmt::format(", {}: {}", key, ports());
    }
    return dice_.one_in(10) ? match + rare_key() : match;
  }

  std::string rare_key() {
    const char* key = dice_.pick({"ttl", "vlan", "length", "dscp", "fragment",
                                  "interface", "src_mac", "payload"});
    return fmt::format(", {}: {}", key, dice_.pick(words_of(key).words));
  }

  Dice dice_;
  std::size_t rules_;
  bool only_ports_;
  std::vector<Prefix> bases_;
};

}  // namespace

std::string wide_policy_text(std::uint64_t seed, std::size_t rules) {
  return Writer(seed, rules).policy();
}

const PacketSpec& EdgePackets::next() {
  if (dice_.one_in(kMoves)) {
    draw();
  } else {
    move_field();
  }
  return spec_;
}

void EdgePackets::draw() {
  const auto rule = dice_.below(policy_.rules.size());
  const auto found = sampler_.sample(static_cast<std::uint32_t>(rule), dice_);
  if (found) spec_ = *found;
}

void EdgePackets::move_field() {
  switch (dice_.below(6)) {
    case 0:
      return move_address(spec_.src);
    case 1:
      return move_address(spec_.dst);
    case 2:
    case 3:
      return move_port(spec_.src_port);
    case 4:
      return move_port(spec_.dst_port);
    default:
      spec_.protocol = dice_.pick(kProtocols);
  }
}

void EdgePackets::move_address(U128& address) {
  const unsigned bits = family_of(spec_) == Family::kIpv6 ? 128 : 32;
  const U128 last = bits == 128 ? ~U128{0} : (U128{1} << bits) - 1;
  if (dice_.one_in(2)) {
    address ^= U128{1} << dice_.below(bits);
  } else {
    address = (dice_.one_in(2) ? address + 1 : address - 1) & last;
  }
}

void EdgePackets::move_port(std::uint16_t& port) {
  switch (dice_.below(3)) {
    case 0:
      port ^= static_cast<std::uint16_t>(1u << dice_.below(16));
      break;
    case 1:
      ++port;
      break;
    default:
      --port;
  }
}

}  // namespace xdpgate::test
