// SPDX-License-Identifier: GPL-2.0-only
#include "pcap/pcapng_interface.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>

namespace xdpgate {
namespace {

using Body = std::span<const std::uint8_t>;

constexpr std::size_t kFixedBytes = 8;  // link type, reserved, snap length
constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kResolution = 9;  // if_tsresol
constexpr std::uint16_t kOffset = 14;     // if_tsoffset
constexpr int kLinkTypeRaw = 101;         // LINKTYPE_RAW; DLT_RAW is another
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// One option; `rest` is moved behind it. Nothing at the end of the options.
struct Option {
  std::uint16_t code;
  Body value;
};
Found<std::optional<Option>> next_option(Body& rest, SectionOrder order) {
  if (rest.size() < 4) return std::nullopt;
  Option option{order.u16(rest), {}};
  const std::size_t size = order.u16(rest.subspan(2));
  rest = rest.subspan(4);
  if (option.code == kEndOfOptions) return std::nullopt;
  if (size > rest.size()) {
    return std::unexpected(
        "an option of an interface is longer than its block");
  }
  option.value = rest.first(size);
  rest = rest.subspan(std::min(rest.size(), (size + 3) / 4 * 4));
  return option;
}

// Upper bit clear: a negative power of 10; set: of 2. Nothing where a second
// has more ticks than 64 bits count.
std::optional<std::uint64_t> ticks_per_second(std::uint8_t resolution) {
  const unsigned exponent = resolution & 0x7f;
  if ((resolution & 0x80) != 0) {
    if (exponent > 63) return std::nullopt;
    return std::uint64_t{1} << exponent;
  }
  if (exponent > 19) return std::nullopt;
  std::uint64_t ticks = 1;
  for (unsigned i = 0; i < exponent; ++i) ticks *= 10;
  return ticks;
}

Found<void> apply_option(PcapngInterface& interface, const Option& option,
                         SectionOrder order) {
  if (option.code == kResolution && !option.value.empty()) {
    const auto ticks = ticks_per_second(option.value[0]);
    if (!ticks) return std::unexpected("an interface's clock is too fine");
    interface.ticks_per_second = *ticks;
  }
  if (option.code == kOffset && option.value.size() >= 8) {
    interface.offset_seconds =
        static_cast<std::int64_t>(order.u64(option.value));
  }
  return {};
}

}  // namespace

Found<std::chrono::nanoseconds> PcapngInterface::time_of(
    std::uint64_t ticks) const {
  using Wide = __int128;
  const Wide whole = Wide{ticks / ticks_per_second} + offset_seconds;
  const auto part = static_cast<std::int64_t>(Wide{ticks % ticks_per_second} *
                                              kNsPerSecond / ticks_per_second);
  const Wide ns = whole * kNsPerSecond + part;
  if (ns > std::numeric_limits<std::int64_t>::max() ||
      ns < std::numeric_limits<std::int64_t>::min()) {
    return std::unexpected("its time is out of range");
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(ns));
}

Found<PcapngInterface> read_interface(Body body, SectionOrder order) {
  if (body.size() < kFixedBytes) {
    return std::unexpected("the block of an interface is too short");
  }
  PcapngInterface interface;
  const int link_type = order.u16(body);
  interface.link_type = link_type == kLinkTypeRaw ? DLT_RAW : link_type;
  interface.snap_length = order.u32(body.subspan(4));
  Body rest = body.subspan(kFixedBytes);
  for (;;) {
    const auto option = next_option(rest, order);
    if (!option) return std::unexpected(option.error());
    if (!*option) return interface;
    auto applied = apply_option(interface, **option, order);
    if (!applied) return std::unexpected(applied.error());
  }
}

}  // namespace xdpgate
