// SPDX-License-Identifier: GPL-2.0-only
#include "packet/build_frame.h"

#include <algorithm>
#include <span>

#include "packet/checksum.h"
#include "packet/frame_layout.h"

namespace xdpgate {
namespace {

constexpr std::uint8_t kFragmentHeader = 44;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kSctp = 132;

class FrameBuilder {
 public:
  explicit FrameBuilder(const PacketSpec& spec)
      : s_(spec), layout_(layout_of(spec)), frame_(layout_.end) {}

  std::vector<std::uint8_t> run() {
    link();
    if (s_.ethertype == kEtherIpv4) ipv4();
    if (s_.ethertype == kEtherIpv6) ipv6();
    if (layout_.l4_at) upper();
    if (s_.ethertype == kEtherArp && s_.data.empty()) arp();
    copy(layout_.body_at, s_.data);
    patch();
    if (layout_.ip_at) checksums();
    patch();
    return std::move(frame_);
  }

 private:
  void put(std::size_t at, U128 value, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0; value >>= 8) {
      frame_[at + i] = static_cast<std::uint8_t>(value);
    }
  }
  void put8(std::size_t at, unsigned value) {
    frame_[at] = static_cast<std::uint8_t>(value);
  }
  void put16(std::size_t at, std::uint32_t value) { put(at, value, 2); }
  void copy(std::size_t at, std::span<const std::uint8_t> bytes) {
    if (at >= frame_.size()) return;
    const std::size_t count = std::min(bytes.size(), frame_.size() - at);
    std::copy_n(bytes.begin(), count, frame_.begin() + at);
  }

  void link() {
    put(0, s_.dst_mac, 6);
    put(6, s_.src_mac, 6);
    std::size_t at = 12;
    for (const VlanTag& tag : s_.tags) {
      if (at + 2 == layout_.network_at) break;
      put16(at, tag.tpid);
      put16(at + 2, tag.tci);
      at += 4;
    }
    put16(at, s_.ethertype);
  }

  // A request (RFC 826).
  void arp() {
    const std::size_t at = layout_.network_at;
    put(at, 0x0001'0800'0604'0001, 8);
    put(at + 8, s_.src_mac, 6);
    put(at + 14, s_.src, 4);
    put(at + 24, s_.dst, 4);
  }

  [[nodiscard]] unsigned traffic_class() const {
    return s_.dscp << 2 | (s_.ecn & 3);
  }

  void ipv4() {
    const std::size_t at = layout_.network_at;
    const std::uint32_t header = layout_.upper_at - layout_.network_at;
    const std::uint32_t total = layout_.end - layout_.network_at;
    put8(at, 0x40 | header / 4);
    put8(at + 1, traffic_class());
    put16(at + 2, total > 0xffff ? 0 : total);
    put16(at + 4, s_.fragment == Fragment::kNone ? 0 : 1);  // identification
    put16(at + 6, fragment_word());
    put8(at + 8, s_.ttl);
    put8(at + 9, s_.protocol);
    put(at + 12, s_.src, 4);
    put(at + 16, s_.dst, 4);
    constexpr std::uint8_t kNoOperation = 1;
    std::fill(frame_.begin() + at + 20, frame_.begin() + at + header,
              kNoOperation);
  }

  [[nodiscard]] std::uint32_t fragment_word() const {
    switch (s_.fragment) {
      case Fragment::kNone:
        return 0x4000;  // do not fragment
      case Fragment::kFirst:
        return 0x2000;
      case Fragment::kLater:
        return 185;  // 1480 bytes on
    }
    return 0;
  }

  void ipv6() {
    const std::size_t at = layout_.network_at;
    put(at, 6u << 28 | traffic_class() << 20, 4);
    put16(at + 4, layout_.end - layout_.network_at - 40);
    put8(at + 7, s_.ttl);
    put(at + 8, s_.src, 16);
    put(at + 24, s_.dst, 16);
    std::size_t next_at = at + 6;
    std::size_t header = at + 40;
    for (const Extension& extension : s_.extensions) {
      put8(next_at, extension.kind);
      write_extension(header, extension);
      next_at = header;
      header += extension_bytes(extension);
    }
    if (layout_.fragment_at != 0) {
      put8(next_at, kFragmentHeader);
      put16(header + 2, s_.fragment == Fragment::kFirst ? 1 : 185 << 3);
      put(header + 4, 1, 4);  // identification
      next_at = header;
    }
    put8(next_at, s_.protocol);
  }

  void write_extension(std::size_t at, const Extension& extension) {
    if (extension.kind == kFragmentHeader) return;
    put8(at + 1, extension.length);
    if (extension.kind == 0 || extension.kind == 60) {
      pad_options(at + 2, at + extension_bytes(extension));
    }
  }

  // PadN options (RFC 8200, 4.2) as long as they may be.
  void pad_options(std::size_t at, std::size_t end) {
    while (end - at >= 2) {
      const std::size_t bytes = std::min<std::size_t>(end - at, 257);
      put8(at, 1);
      put8(at + 1, static_cast<unsigned>(bytes - 2));
      at += bytes;
    }
  }

  void upper() {
    const std::size_t at = *layout_.l4_at;
    if (has_ports(s_.protocol)) {
      put16(at, s_.src_port);
      put16(at + 2, s_.dst_port);
    }
    const unsigned words = (layout_.body_at - layout_.upper_at) / 4;
    switch (s_.protocol) {
      case 6:
        put16(at + 12, words << 12 | (s_.tcp_flags & 0xfff));
        put16(at + 14, 0xffff);  // window
        std::fill(frame_.begin() + at + 20, frame_.begin() + layout_.body_at,
                  1);  // options: no operation
        break;
      case 17:
        put16(at + 4, std::min(layout_.end - layout_.upper_at, 0xffffu));
        break;
      case 33:
        put8(at + 4, words);
        put8(at + 8, 2 << 1);  // type: data, short sequence numbers
        break;
      default:
        if (!is_icmp(s_)) break;
        put8(at, s_.icmp_type);
        put8(at + 1, s_.icmp_code);
    }
  }

  void patch() {
    for (const Patch& patch : s_.patches) {
      const auto base = base_at(layout_, patch.base);
      if (base) copy(std::size_t{*base} + patch.offset, patch.bytes);
    }
  }

  [[nodiscard]] std::span<const std::uint8_t> from(std::size_t at) const {
    return std::span(frame_).subspan(at);
  }

  void checksums() {
    const std::size_t ip = layout_.network_at;
    if (s_.ethertype == kEtherIpv4) {
      put16(ip + 10, 0);
      put16(ip + 10, internet_checksum(internet_sum(
                         from(ip).first(layout_.upper_at - ip))));
    }
    const auto field = upper_checksum(s_, layout_);
    if (!field) return;
    put(field->at, 0, field->bytes);
    put(field->at,
        s_.protocol == kSctp ? crc32c(from(layout_.upper_at)) : upper_sum(),
        field->bytes);
  }

  // Addresses, protocol and length (RFC 768, 8200).
  [[nodiscard]] std::uint64_t pseudo_header_sum() const {
    const bool v4 = s_.ethertype == kEtherIpv4;
    const std::size_t at = layout_.network_at + (v4 ? 12 : 8);
    const std::uint32_t bytes = layout_.end - layout_.upper_at;
    return internet_sum(from(at).first(v4 ? 8 : 32)) + s_.protocol +
           (bytes >> 16) + (bytes & 0xffff);
  }

  [[nodiscard]] std::uint32_t upper_sum() const {
    const bool plain = s_.protocol == kIcmp;
    const std::uint64_t pseudo = plain ? 0 : pseudo_header_sum();
    const std::uint16_t sum =
        internet_checksum(pseudo + internet_sum(from(layout_.upper_at)));
    // 0 says that there is none (RFC 768, 3828).
    const bool never_zero = s_.protocol == 17 || s_.protocol == 136;
    return sum == 0 && never_zero ? 0xffff : sum;
  }

  const PacketSpec& s_;
  const FrameLayout layout_;
  std::vector<std::uint8_t> frame_;
};

}  // namespace

std::vector<std::uint8_t> build_frame(const PacketSpec& spec) {
  return FrameBuilder(spec).run();
}

}  // namespace xdpgate
