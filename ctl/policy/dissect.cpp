// SPDX-License-Identifier: GPL-2.0-only
// The evaluator's reader of packets. It follows docs/architecture.md, "How a
// packet is read", paragraph by paragraph, and shares nothing with xdp/.
#include <algorithm>

#include "policy/packet.h"

namespace xdpgate {
namespace {

constexpr std::size_t kEtherBytes = 14;
constexpr std::size_t kTagBytes = 4;
constexpr std::size_t kMinIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::size_t kMinExtensionBytes = 8;

// The frame as numbers; callers ask for what is there.
class Dissector {
 public:
  Dissector(std::span<const std::uint8_t> frame, std::string interface)
      : frame_(frame), end_(frame.size()) {
    p_.bytes = frame;
    p_.interface = std::move(interface);
  }

  Packet run() {
    p_.packet_class = link();
    p_.end = static_cast<std::uint32_t>(
        p_.packet_class == XG_CLASS_OK ? end_ : frame_.size());
    return std::move(p_);
  }

 private:
  [[nodiscard]] std::uint8_t u8(std::size_t at) const { return frame_[at]; }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const {
    return static_cast<std::uint16_t>(frame_[at] << 8 | frame_[at + 1]);
  }
  [[nodiscard]] U128 number(std::size_t at, std::size_t bytes) const {
    U128 value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | frame_[at + i];
    return value;
  }
  [[nodiscard]] std::size_t left() const { return end_ - at_; }
  static std::uint32_t place(std::size_t at) {
    return static_cast<std::uint32_t>(at);
  }

  // 1 and 2: Ethernet, tags.
  xg_class link() {
    if (frame_.size() < kEtherBytes) return XG_CLASS_ETHER_SHORT;
    p_.dst_mac = static_cast<std::uint64_t>(number(0, 6));
    p_.src_mac = static_cast<std::uint64_t>(number(6, 6));
    std::uint16_t type = u16(12);
    at_ = kEtherBytes;
    int tags = 0;
    while (type == 0x8100 || type == 0x88a8 || type == 0x9100) {
      if (tags == XG_MAX_TAGS) return XG_CLASS_VLAN_DEPTH;
      if (left() < kTagBytes) return XG_CLASS_VLAN_SHORT;
      const std::uint16_t id = u16(at_) & 0xfff;
      if (tags == 0) p_.vlan = id;
      if (tags == 1) p_.inner_vlan = id;
      type = u16(at_ + 2);
      at_ += kTagBytes;
      ++tags;
    }
    p_.ethertype = type;
    p_.ethertype_at = place(at_ - 2);
    if (type == 0x0800) return ipv4();
    if (type == 0x86dd) return ipv6();
    return XG_CLASS_OK;
  }

  // 4: IPv4.
  xg_class ipv4() {
    if (left() < kMinIpv4Bytes) return XG_CLASS_IPV4_SHORT;
    if (u8(at_) >> 4 != 4) return XG_CLASS_IPV4_VERSION;
    const std::size_t header = std::size_t{4} * (u8(at_) & 0xf);
    if (header < kMinIpv4Bytes) return XG_CLASS_IPV4_IHL;
    p_.ip_at = place(at_);
    p_.protocol_at = place(at_ + 9);
    p_.fragment_at = place(at_ + 6);
    p_.src = Address{Family::kIpv4, number(at_ + 12, 4)};
    p_.dst = Address{Family::kIpv4, number(at_ + 16, 4)};
    p_.ttl = u8(at_ + 8);
    set_traffic_class(u8(at_ + 1));
    p_.protocol = u8(at_ + 9);
    p_.ip_options = header > kMinIpv4Bytes;
    const std::uint16_t fragment = u16(at_ + 6);
    p_.fragment = (fragment & 0x1fff) != 0   ? Fragment::kLater
                  : (fragment & 0x2000) != 0 ? Fragment::kFirst
                                             : Fragment::kNone;
    std::size_t total = u16(at_ + 2);
    if (total == 0) total = left();
    set_length(total);
    if (left() < header) return XG_CLASS_IPV4_SHORT;
    if (total < header || total > left()) return XG_CLASS_IPV4_LENGTH;
    end_ = at_ + total;
    at_ += header;
    if (p_.fragment == Fragment::kLater) return XG_CLASS_OK;
    return upper();
  }

  void set_traffic_class(std::uint8_t value) {
    p_.dscp = value >> 2;
    p_.ecn = value & 3;
  }
  void set_length(std::size_t length) {
    p_.length = static_cast<std::uint32_t>(
        std::min<std::size_t>(length, XG_LENGTH_MAX));
  }

  // 5: IPv6.
  xg_class ipv6() {
    if (left() < kIpv6Bytes) return XG_CLASS_IPV6_SHORT;
    if (u8(at_) >> 4 != 6) return XG_CLASS_IPV6_VERSION;
    p_.ip_at = place(at_);
    p_.src = Address{Family::kIpv6, number(at_ + 8, 16)};
    p_.dst = Address{Family::kIpv6, number(at_ + 24, 16)};
    p_.ttl = u8(at_ + 7);
    set_traffic_class(static_cast<std::uint8_t>(u16(at_) >> 4));
    p_.fragment = Fragment::kNone;
    p_.ip_options = false;
    const std::size_t total = kIpv6Bytes + u16(at_ + 4);
    set_length(total);
    if (total > left()) return XG_CLASS_IPV6_LENGTH;
    end_ = at_ + total;
    const std::size_t next_at = at_ + 6;
    at_ += kIpv6Bytes;
    return extensions(next_at);
  }

  static bool is_extension(std::uint8_t next) {
    switch (next) {
      case 0:    // hop-by-hop
      case 43:   // routing
      case 44:   // fragment
      case 51:   // AH
      case 60:   // destination options
      case 135:  // mobility
      case 139:  // HIP
      case 140:  // shim6
        return true;
      default:
        return false;
    }
  }

  [[nodiscard]] std::size_t extension_bytes(std::uint8_t kind) const {
    if (kind == 44) return 8;
    if (kind == 51) return (u8(at_ + 1) + std::size_t{2}) * 4;
    return (u8(at_ + 1) + std::size_t{1}) * 8;
  }

  // `next_at`: where the number of the next header stands.
  xg_class extensions(std::size_t next_at) {
    std::uint8_t next = u8(next_at);
    for (int count = 0; is_extension(next); ++count) {
      if (count == XG_MAX_EXTENSIONS) return XG_CLASS_EXT_DEPTH;
      // All kinds are at least eight bytes long, whatever they say.
      if (left() < kMinExtensionBytes) return XG_CLASS_EXT_SHORT;
      if (left() < extension_bytes(next)) return XG_CLASS_EXT_SHORT;
      p_.ip_options = true;
      const std::size_t size = extension_bytes(next);
      const bool later = next == 44 && note_fragment(at_ + 2);
      next_at = at_;
      next = u8(next_at);
      at_ += size;
      if (!later) continue;
      if (!is_extension(next)) set_protocol(next_at);
      return XG_CLASS_OK;
    }
    set_protocol(next_at);
    return upper();
  }

  void set_protocol(std::size_t at) {
    p_.protocol = u8(at);
    p_.protocol_at = place(at);
  }

  // Whether the packet is a later fragment.
  bool note_fragment(std::size_t at) {
    const std::uint16_t bits = u16(at);
    p_.fragment_at = place(at);
    if (bits >> 3 != 0) {
      p_.fragment = Fragment::kLater;
      return true;
    }
    if ((bits & 1) != 0) p_.fragment = Fragment::kFirst;
    return false;
  }

  // 6: the upper layer.
  xg_class upper() {
    p_.l4_at = place(at_);
    const bool is_v4 = p_.src->family == Family::kIpv4;
    switch (*p_.protocol) {
      case 6:
        return tcp();
      case 17:
        return udp();
      case 136:
        return with_ports(8, 8, XG_CLASS_UDP_SHORT);
      case 132:
        return with_ports(12, 12, XG_CLASS_SCTP_SHORT);
      case 33:
        return dccp();
      case 1:
        return is_v4 ? icmp(8) : XG_CLASS_OK;
      case 58:
        return is_v4 ? XG_CLASS_OK : icmp(4);
      default:
        return XG_CLASS_OK;
    }
  }

  void set_ports() {
    p_.src_port = u16(at_);
    p_.dst_port = u16(at_ + 2);
  }
  void set_data(std::size_t header) {
    if (header <= left()) {
      p_.data_at = place(at_ + header);
    }
  }

  xg_class with_ports(std::size_t needed, std::size_t header,
                      xg_class too_short) {
    if (left() < needed) return too_short;
    set_ports();
    set_data(header);
    return XG_CLASS_OK;
  }

  xg_class tcp() {
    if (left() < 20) return XG_CLASS_TCP_SHORT;
    set_ports();
    const std::size_t header = std::size_t{4} * (u8(at_ + 12) >> 4);
    if (header < 20) return XG_CLASS_TCP_OFFSET;
    if (header > left()) return XG_CLASS_TCP_SHORT;
    p_.tcp_flags = u16(at_ + 12) & 0xfff;
    set_data(header);
    return XG_CLASS_OK;
  }

  xg_class udp() {
    if (left() < 8) return XG_CLASS_UDP_SHORT;
    set_ports();
    const std::size_t length = u16(at_ + 4);
    if (length < 8) return XG_CLASS_UDP_LENGTH;
    if (p_.fragment == Fragment::kNone && length > left()) {
      return XG_CLASS_UDP_LENGTH;
    }
    set_data(8);
    return XG_CLASS_OK;
  }

  xg_class dccp() {
    if (left() < 12) return XG_CLASS_DCCP_SHORT;
    set_ports();
    const std::size_t header = std::size_t{4} * u8(at_ + 4);
    if (header >= 12) set_data(header);
    return XG_CLASS_OK;
  }

  xg_class icmp(std::size_t needed) {
    if (left() < needed) return XG_CLASS_ICMP_SHORT;
    p_.icmp_type = u8(at_);
    p_.icmp_code = u8(at_ + 1);
    p_.icmp_is_v6 = p_.src->family == Family::kIpv6;
    set_data(8);
    return XG_CLASS_OK;
  }

  std::span<const std::uint8_t> frame_;
  std::size_t at_ = 0;   // of the next header
  std::size_t end_;      // of the packet
  Packet p_;
};

}  // namespace

Packet dissect(std::span<const std::uint8_t> frame, std::string interface) {
  return Dissector(frame, std::move(interface)).run();
}

}  // namespace xdpgate
