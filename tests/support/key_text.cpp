// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/key_text.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>

#include <array>
#include <cstring>

namespace xdpgate::test {
namespace {

const char* class_word(std::uint32_t number) {
  static constexpr std::array<const char*, XG_CLASSES> kWords = {
      "ok",          "ether-short",  "vlan-short",  "vlan-depth",
      "ipv4-short",  "ipv4-version", "ipv4-ihl",    "ipv4-length",
      "ipv6-short",  "ipv6-version", "ipv6-length", "ext-short",
      "ext-depth",   "tcp-short",    "tcp-offset",  "udp-short",
      "udp-length",  "icmp-short",   "sctp-short",  "dccp-short"};
  return number < XG_CLASSES ? kWords[number] : "no-class";
}

std::string address(int family, std::uint64_t hi, std::uint64_t lo) {
  const std::array<std::uint64_t, 2> wire = {htobe64(hi), htobe64(lo)};
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, wire.data(), text, sizeof(text));
}

std::string addresses(const xg_key& key, int family) {
  return address(family, key.src_hi, key.src_lo) + ">" +
         address(family, key.dst_hi, key.dst_lo);
}

/// What of IPv4 is in the key twice must be the same twice.
std::string network(const xg_key& key) {
  const std::uint32_t flags = key.word[XG_W_PROTO];
  const auto* word = key.word;
  std::string text;
  if (flags & XG_F_IPV4) {
    text += " v4 " + addresses(key, AF_INET);
    if (key.kind != XG_KIND_IPV4 || key.src_lo != 0 || key.dst_lo != 0 ||
        key.src_hi != std::uint64_t{word[XG_W_SRC]} << 32 ||
        key.dst_hi != std::uint64_t{word[XG_W_DST]} << 32) {
      text += " stray-address";
    }
  } else if (flags & XG_F_IPV6) {
    text += " v6 " + addresses(key, AF_INET6);
    if (key.kind != XG_KIND_IPV6) text += " stray-kind";
  } else if (key.kind != XG_KIND_OTHER || word[XG_W_IP] || word[XG_W_LENGTH] ||
             key.src_hi || key.src_lo || key.dst_hi || key.dst_lo) {
    return " stray-network";
  }
  if (flags & (XG_F_IPV4 | XG_F_IPV6)) {
    text += fmt::format(" ttl={} tos={:x} len={}", word[XG_W_IP] >> 8,
                        word[XG_W_IP] & 0xff, word[XG_W_LENGTH]);
  }
  return text;
}

std::string link(const xg_key& key) {
  const std::uint32_t flags = key.word[XG_W_PROTO];
  const std::uint32_t vlan = key.word[XG_W_VLAN];
  std::string text;
  if (flags & XG_F_TAG1) text += fmt::format(" vlan={}", vlan & 0xfff);
  if (flags & XG_F_TAG2) text += fmt::format(" inner={}", vlan >> 12);
  if (flags & XG_F_ETHERTYPE) {
    text += fmt::format(" eth={:04x}", key.word[XG_W_ETHER]);
  } else if (key.word[XG_W_ETHER]) {
    text += " stray-eth";
  }
  return text;
}

std::string upper(const xg_key& key) {
  const std::uint32_t flags = key.word[XG_W_PROTO];
  const std::uint32_t ports = key.word[XG_W_PORTS];
  const std::uint32_t l4 = key.word[XG_W_L4];
  const auto icmp = fmt::format("={}:{}", l4 >> 8, l4 & 0xff);
  std::string text;
  if (flags & XG_F_OPTIONS) text += " options";
  if (flags & XG_F_FRAG_FIRST) text += " first";
  if (flags & XG_F_FRAG_LATER) text += " later";
  if (flags & XG_F_PROTO) {
    text += fmt::format(" proto={}", flags & 0xff);
  } else if (flags & 0xff) {
    text += " stray-proto";
  }
  if (flags & XG_F_PORTS) {
    text += fmt::format(" ports={}>{}", ports >> 16, ports & 0xffff);
  } else if (ports) {
    text += " stray-ports";
  }
  if (flags & XG_F_TCP) text += fmt::format(" tcp={:03x}", l4);
  if (flags & XG_F_ICMP) text += " icmp" + icmp;
  if (flags & XG_F_ICMPV6) text += " icmp6" + icmp;
  if (!(flags & (XG_F_TCP | XG_F_ICMP | XG_F_ICMPV6)) && l4) {
    text += " stray-l4";
  }
  return text;
}

std::string bases(const xg_key& key) {
  std::string text = " |";
  if (key.base[XG_BASE_IP]) text += fmt::format(" ip={}", key.base[XG_BASE_IP]);
  if (key.base[XG_BASE_L4]) text += fmt::format(" l4={}", key.base[XG_BASE_L4]);
  if (key.base[XG_BASE_DATA]) {
    text += fmt::format(" data={}", key.base[XG_BASE_DATA]);
  }
  return text + fmt::format(" end={}", key.base[XG_BASE_END]);
}

}  // namespace

std::string key_text(const xg_key& key) {
  return class_word(key.word[XG_W_CLASS]) + link(key) + network(key) +
         upper(key) + bases(key);
}

}  // namespace xdpgate::test
