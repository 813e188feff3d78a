// SPDX-License-Identifier: GPL-2.0-only
#include "pcap/link_type.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstring>

namespace xdpgate {
namespace {

constexpr std::uint8_t kIpv6First = 0x60;  // version 6 in the upper four bits

// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html and _SLL2.html:
// offsets of the link-layer address, its length and the ethertype.
struct CookedLayout {
  int dlt;
  std::size_t bytes, address_length, address, ethertype;
  bool wide_length;  // the address length has two bytes
};
constexpr CookedLayout kCooked[] = {
    {DLT_LINUX_SLL, 16, 4, 6, 14, true},
    {DLT_LINUX_SLL2, 20, 11, 12, 0, false},
};
constexpr int kRaw[] = {DLT_RAW, DLT_IPV4, DLT_IPV6};
constexpr std::size_t kMacBytes = 6;

const CookedLayout* cooked_layout(int dlt) {
  auto found = std::ranges::find(kCooked, dlt, &CookedLayout::dlt);
  return found == std::end(kCooked) ? nullptr : found;
}

bool is_raw(int dlt) {
  return std::ranges::find(kRaw, dlt) != std::end(kRaw);
}

// The version decides; what is neither 4 nor 6 is left to be malformed IPv4.
Recast recast_raw(std::span<const std::uint8_t> captured) {
  const bool v6 =
      !captured.empty() && (captured[0] & 0xf0) == kIpv6First;
  Recast result;
  result.header[12] = v6 ? 0x86 : 0x08;
  result.header[13] = v6 ? 0xdd : 0x00;
  return result;
}

// A cooked header knows the sender only.
std::optional<Recast> recast_cooked(const CookedLayout& layout,
                                    std::span<const std::uint8_t> captured) {
  if (captured.size() < layout.bytes) return std::nullopt;
  Recast result;
  result.skipped = layout.bytes;
  const std::size_t low = layout.address_length + (layout.wide_length ? 1 : 0);
  if (captured[low] == kMacBytes) {
    std::memcpy(&result.header[kMacBytes], &captured[layout.address],
                kMacBytes);
  }
  std::memcpy(&result.header[2 * kMacBytes], &captured[layout.ethertype], 2);
  return result;
}

}  // namespace

bool is_readable(int dlt) {
  return dlt == DLT_EN10MB || is_raw(dlt) || cooked_layout(dlt) != nullptr;
}

std::optional<Recast> recast(int dlt, std::span<const std::uint8_t> captured) {
  if (is_raw(dlt)) return recast_raw(captured);
  const CookedLayout* layout = cooked_layout(dlt);
  return layout ? recast_cooked(*layout, captured) : std::nullopt;
}

}  // namespace xdpgate
