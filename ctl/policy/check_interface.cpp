// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_interface.h"

#include <fmt/format.h>
#include <net/if.h>

namespace xdpgate {

Parsed<std::string> parse_interface_name(std::string_view text) {
  constexpr std::string_view kNever = "/: \t\n\r";
  if (text.starts_with('@')) {
    return complaint(fmt::format("{} is a set; there are no sets of interfaces",
                                 in_quotes(text)),
                     "list the interfaces: [eth0, eth1]");
  }
  bool sound = !text.empty() && text.size() < IFNAMSIZ && text != "." &&
               text != ".." &&
               text.find_first_of(kNever) == std::string_view::npos;
  if (sound) return std::string(text);
  return complaint(fmt::format("{} is not an interface name", in_quotes(text)),
                   "1-15 characters without blanks, `/` and `:`");
}

}  // namespace xdpgate
