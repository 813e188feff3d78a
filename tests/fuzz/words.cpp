// SPDX-License-Identifier: GPL-2.0-only
// The readers of what users paste: packets in words and in hexadecimal digits,
// rules of nft, iptables and xdp-filter. The first byte chooses one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/hex.h"
#include "import/iptables.h"
#include "import/nft.h"
#include "import/xdp_filter.h"
#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "policy/load.h"

namespace xdpgate::fuzz {
namespace {

// A frame in words is the same frame again.
void packet(std::string_view text) {
  const auto spec = parse_packet_text(text);
  if (!spec) return;
  const auto frame = build_frame(*spec);
  if (frame.size() < 14) return;
  const auto again = parse_packet_text(packet_text(dissect(frame, "eth0")));
  if (!again || build_frame(*again) != frame) std::abort();
}

// What an importer writes is a policy.
void import(const Parsed<Draft>& read) {
  if (!read) return;
  Diagnostics diagnostics;
  if (!parse_policy(read->yaml(), "imported", diagnostics)) std::abort();
}

void run(std::uint8_t what, std::string_view text) {
  switch (what % 5) {
    case 0:
      return packet(text);
    case 1:
      (void)parse_hex(text);
      return;
    case 2:
      return import(import_nft(text, ""));
    case 3:
      return import(import_iptables(text, "", std::nullopt));
    default:
      return import(import_xdp_filter(text));
  }
}

}  // namespace
}  // namespace xdpgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return -1;
  xdpgate::fuzz::run(data[0],
                     {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
