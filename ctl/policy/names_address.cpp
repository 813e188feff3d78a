// SPDX-License-Identifier: GPL-2.0-only
#include "policy/names_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "policy/names.h"

namespace xdpgate {
namespace {

unsigned width_of(Family family) { return family == Family::kIpv4 ? 32 : 128; }

// All ones in the low `bits` bits, 0..128.
U128 low_bits(unsigned bits) {
  return bits >= 128 ? ~U128{0} : (U128{1} << bits) - 1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Four decimal numbers without leading zeros.
std::optional<std::uint32_t> read_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return {};
    std::size_t start = at;
    std::uint32_t value = 0;
    while (at < text.size() && is_digit(text[at]) && at - start < 3) {
      value = value * 10 + static_cast<std::uint32_t>(text[at++] - '0');
    }
    bool padded = at - start > 1 && text[start] == '0';
    if (at == start || value > 255 || padded) return {};
    address = address << 8 | value;
  }
  if (at != text.size()) return {};
  return address;
}

std::optional<U128> read_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size()) return {};
  std::ranges::copy(text, copy.begin());
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, copy.data(), bytes.data()) != 1) return {};
  U128 address = 0;
  for (unsigned char byte : bytes) address = address << 8 | byte;
  return address;
}

std::string hint_for_address(std::string_view text) {
  std::string shape = shape_hint(text);
  if (!shape.empty()) return shape;
  if (text.find('%') != std::string_view::npos) {
    return "leave the zone (`%...`) out";
  }
  bool numbers =
      text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (numbers && std::ranges::count(text, '.') == 3) {
    return "four numbers 0-255 without leading zeros";
  }
  return "an address is written like 192.0.2.1 or 2001:db8::1";
}

// Length of a mask such as 255.255.255.0.
std::optional<unsigned> netmask_length(std::string_view text) {
  auto mask = read_ipv4(text);
  if (!mask) return std::nullopt;
  auto length = static_cast<unsigned>(std::countl_one(*mask));
  if (*mask != static_cast<std::uint32_t>(low_bits(length) << (32 - length))) {
    return std::nullopt;
  }
  return length;
}

Parsed<unsigned> parse_prefix_length(std::string_view text, Family family,
                                     std::string_view address) {
  if (text.empty()) {
    return complaint(fmt::format("`{}/` has no prefix length", address));
  }
  NumberText number = read_number(text);
  unsigned width = width_of(family);
  if (number.form == NumberForm::kDecimal && number.value <= width) {
    return static_cast<unsigned>(number.value);
  }
  if (auto length = netmask_length(text); length && family == Family::kIpv4) {
    return complaint("a netmask cannot stand behind the `/`",
                     fmt::format("write `{}/{}`", address, *length));
  }
  return complaint(
      fmt::format("{} is not a prefix length", in_quotes(text)),
      fmt::format("the prefix length of an {} address is a number "
                  "0-{}",
                  family == Family::kIpv4 ? "IPv4" : "IPv6", width));
}

// One part of `text`. Where the part is empty the whole is what is wrong.
Parsed<Address> parse_part(std::string_view part, std::string_view text) {
  auto address = parse_address(part);
  if (address || !part.empty()) return address;
  return complaint(fmt::format("{} is not an IP address", in_quotes(text)),
                   hint_for_address(text));
}

Parsed<AddressRange> parse_prefix(std::string_view text, std::size_t slash) {
  auto address = parse_part(text.substr(0, slash), text);
  if (!address) return std::unexpected(address.error());
  auto length = parse_prefix_length(text.substr(slash + 1), address->family,
                                    text.substr(0, slash));
  if (!length) return std::unexpected(length.error());
  U128 host = low_bits(width_of(address->family) - *length);
  U128 first = address->value & ~host;
  if (first != address->value) {
    return complaint(
        fmt::format("{} has host bits set behind its prefix", in_quotes(text)),
        fmt::format("write `{}/{}` for the prefix, `{}` for the address",
                    to_text(Address{address->family, first}), *length,
                    to_text(*address)));
  }
  return AddressRange{address->family, first, first | host};
}

Parsed<AddressRange> parse_ends(std::string_view text, std::size_t dash) {
  auto lo = parse_part(text.substr(0, dash), text);
  if (!lo) return std::unexpected(lo.error());
  auto hi = parse_part(text.substr(dash + 1), text);
  if (!hi) {
    return complaint(hi.error().message,
                     "a range has an address at both ends: `A-B`");
  }
  if (lo->family != hi->family) {
    return complaint(
        fmt::format("{} mixes IPv4 and IPv6 in one range", in_quotes(text)));
  }
  if (hi->value < lo->value) {
    return complaint(fmt::format("the range {} is empty", in_quotes(text)),
                     fmt::format("write `{}-{}`", to_text(*hi), to_text(*lo)));
  }
  return AddressRange{lo->family, lo->value, hi->value};
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Parsed<Address> parse_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    if (auto v6 = read_ipv6(text)) return Address{Family::kIpv6, *v6};
  } else if (auto v4 = read_ipv4(text)) {
    return Address{Family::kIpv4, *v4};
  }
  return complaint(fmt::format("{} is not an IP address", in_quotes(text)),
                   hint_for_address(text));
}

Parsed<AddressRange> parse_address_range(std::string_view text) {
  if (text.find_first_of(" \t,") != std::string_view::npos) {
    return complaint(fmt::format("{} is not an IP address", in_quotes(text)),
                     hint_for_address(text));
  }
  std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) return parse_prefix(text, slash);
  std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) return parse_ends(text, dash);
  auto address = parse_address(text);
  if (!address) return std::unexpected(address.error());
  return AddressRange{address->family, address->value, address->value};
}

Parsed<std::uint64_t> parse_mac(std::string_view text) {
  std::uint64_t mac = 0;
  bool sound = text.size() == 17;
  for (std::size_t i = 0; sound && i < text.size(); ++i) {
    if (i % 3 == 2) {
      sound = text[i] == ':';
    } else {
      int digit = hex_digit(text[i]);
      sound = digit >= 0;
      mac = mac << 4 | static_cast<std::uint64_t>(digit & 15);
    }
  }
  if (sound) return mac;
  return complaint(fmt::format("{} is not a MAC address", in_quotes(text)),
                   "a MAC address is written like 02:00:5e:10:00:01");
}

Parsed<MacPattern> parse_mac_pattern(std::string_view text) {
  std::size_t slash = text.find('/');
  auto value = parse_mac(text.substr(0, slash));
  if (!value) return std::unexpected(value.error());
  if (slash == std::string_view::npos) return MacPattern{.value = *value};
  auto mask = parse_mac(text.substr(slash + 1));
  if (!mask) {
    return complaint(fmt::format("{} is not a mask for a MAC address",
                                 in_quotes(text.substr(slash + 1))),
                     "a mask is written like the address: ff:ff:ff:00:00:00");
  }
  if ((*value & ~*mask) != 0) {
    return complaint(
        fmt::format("{} has bits set outside its mask", in_quotes(text)),
        fmt::format("write `{}`", to_text(MacPattern{*value & *mask, *mask})));
  }
  return MacPattern{*value, *mask};
}

std::string to_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::array<unsigned char, 16> bytes{};
  bool v4 = address.family == Family::kIpv4;
  std::size_t size = v4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<unsigned char>(address.value >> 8 * (size - 1 - i));
  }
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string to_text(const AddressRange& range) {
  std::string lo = to_text(Address{range.family, range.lo});
  if (range.lo == range.hi) return lo;
  U128 host = range.lo ^ range.hi;
  if ((host & (host + 1)) == 0 && (range.lo & host) == 0) {
    unsigned length = width_of(range.family);
    for (; host != 0; host >>= 1) --length;
    return fmt::format("{}/{}", lo, length);
  }
  return lo + "-" + to_text(Address{range.family, range.hi});
}

std::string mac_text(std::uint64_t mac) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
                     mac >> 40 & 255, mac >> 32 & 255, mac >> 24 & 255,
                     mac >> 16 & 255, mac >> 8 & 255, mac & 255);
}

std::string to_text(const MacPattern& pattern) {
  std::string text = mac_text(pattern.value);
  if (pattern.mask == MacPattern{}.mask) return text;
  return text + "/" + mac_text(pattern.mask);
}

}  // namespace xdpgate
