// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hex.h"
#include "packet/build_frame.h"
#include "packet/frame_layout.h"
#include "packet/packet_text.h"
#include "packet/packet_words.h"
#include "packet/spec_of.h"
#include "policy/decision.h"
#include "policy/names.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

// Runs of equal bytes shorter than this do not split a patch.
constexpr std::size_t kGap = 4;

class TextWriter {
 public:
  /// `upper`: whether ports, flags and types are known.
  explicit TextWriter(const PacketSpec& spec, bool upper = true)
      : s_(spec),
        family_(family_of(spec)),
        upper_(upper && spec.fragment != Fragment::kLater) {}

  std::string run() {
    head();
    if (family_) ip_words();
    tags();
    if (family_) ip_options();
    link_words();
    return std::move(text_);
  }

 private:
  void add(std::string_view word) {
    if (!text_.empty()) text_ += ' ';
    text_ += word;
  }
  void add(std::string_view word, const std::string& value) {
    add(word);
    add(value);
  }

  void head() {
    if (!family_) {
      const auto name = ethertype_names().name(s_.ethertype);
      if (name) return add(*name);
      return add("ethertype", fmt::format("0x{:04x}", s_.ethertype));
    }
    const auto name = head_name(*family_, s_.protocol);
    const char* ip = *family_ == Family::kIpv4 ? "ip" : "ip6";
    add(name.value_or(ip));
    add(end(s_.src, s_.src_port));
    add(">", end(s_.dst, s_.dst_port));
    if (!name) add("proto", protocol_names().text(s_.protocol));
  }

  [[nodiscard]] std::string end(U128 value, std::uint16_t port) const {
    const std::string address = to_text(Address{*family_, value});
    if (!has_ports(s_.protocol) || !upper_) return address;
    return *family_ == Family::kIpv4 ? fmt::format("{}:{}", address, port)
                                     : fmt::format("[{}]:{}", address, port);
  }

  void ip_words() {
    if (!upper_) return;
    if (s_.protocol == 6) {
      const std::string flags = tcp_flags_text(s_.tcp_flags);
      const bool named = (s_.tcp_flags & 0xff) != 0;
      if (named) return add(flags);
      return add("flags", flags);
    }
    if (!is_icmp(s_)) return;
    const auto type = icmp_type_names(*family_).name(s_.icmp_type);
    type ? add(*type) : add("type", std::to_string(s_.icmp_type));
    if (s_.icmp_code != 0) add("code", std::to_string(s_.icmp_code));
  }

  void tags() {
    for (const VlanTag& tag : s_.tags) {
      add("vlan", std::to_string(tag.tci & 0xfff));
    }
  }

  void ip_options() {
    const PacketSpec usual;
    if (s_.ttl != usual.ttl) add("ttl", std::to_string(s_.ttl));
    if (s_.dscp != 0) add("dscp", dscp_names().text(s_.dscp));
    if (s_.ecn != 0) add("ecn", ecn_names().text(s_.ecn));
    if (s_.fragment == Fragment::kFirst) add("frag", "first");
    if (s_.fragment == Fragment::kLater) add("frag", "later");
    if (s_.option_words > 0 || !s_.extensions.empty()) add("opts");
    if (s_.length) add("len", std::to_string(*s_.length));
  }

  void link_words() {
    const PacketSpec usual;
    if (s_.src_mac != usual.src_mac) add("smac", mac_text(s_.src_mac));
    if (s_.dst_mac != usual.dst_mac) add("dmac", mac_text(s_.dst_mac));
    if (!s_.data.empty()) add("data", hex_text(s_.data));
    for (const Patch& patch : s_.patches) {
      add("at", fmt::format("{}+{}", base_name(patch.base), patch.offset));
      add(hex_text(patch.bytes));
    }
    if (!s_.interface.empty()) add("on", s_.interface);
  }

  const PacketSpec& s_;
  const std::optional<Family> family_;
  const bool upper_;
  std::string text_;
};

// Place `at` of a frame, said from the nearest base before it.
Patch patch_from(const FrameLayout& layout, std::uint32_t at) {
  Patch patch{PayloadBase::kEther, at, {}};
  for (PayloadBase base :
       {PayloadBase::kIp, PayloadBase::kL4, PayloadBase::kData}) {
    const auto start = base_at(layout, base);
    if (start && *start <= at) patch = {base, at - *start, {}};
  }
  return patch;
}

// What has to be laid over `made` to get `wanted`, which is as long.
std::vector<Patch> differences(std::span<const std::uint8_t> made,
                               std::span<const std::uint8_t> wanted,
                               const FrameLayout& layout) {
  std::vector<Patch> patches;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (made[at] == wanted[at]) continue;
    std::size_t end = at + 1;
    for (std::size_t i = end; i < std::min(end + kGap, wanted.size()); ++i) {
      if (made[i] != wanted[i]) end = i + 1;
    }
    Patch patch = patch_from(layout, static_cast<std::uint32_t>(at));
    patch.bytes.assign(wanted.begin() + at, wanted.begin() + end);
    patches.push_back(std::move(patch));
    at = end - 1;
  }
  return patches;
}

// Patches `spec` until its frame is `wanted`: first all but the checksums,
// which may be right then.
void patch_up(PacketSpec& spec, std::span<const std::uint8_t> wanted) {
  const FrameLayout layout = layout_of(spec);
  auto made = build_frame(spec);
  auto believe = [&](FrameField field) {
    std::copy_n(wanted.begin() + field.at, field.bytes,
                made.begin() + field.at);
  };
  if (spec.ethertype == kEtherIpv4) believe({layout.network_at + 10, 2});
  if (auto field = upper_checksum(spec, layout)) believe(*field);
  spec.patches = differences(made, wanted, layout);
  made = build_frame(spec);
  for (Patch& patch : differences(made, wanted, layout)) {
    spec.patches.push_back(std::move(patch));
  }
}

// The packet in words, with patches where they are not enough; nothing where
// words would make a frame of another size.
std::optional<PacketSpec> in_words(const Packet& packet) {
  const bool ip =
      packet.ethertype == kEtherIpv4 || packet.ethertype == kEtherIpv6;
  if (!packet.ethertype || (ip && !packet.src)) return std::nullopt;
  PacketSpec spec = spec_of(packet);
  if (spec.ethertype == kEtherIpv6 && !packet.protocol &&
      spec.fragment != Fragment::kLater) {
    return std::nullopt;
  }
  if (layout_of(spec).end != packet.end) return std::nullopt;
  patch_up(spec, packet.bytes.first(packet.end));
  return spec;
}

}  // namespace

std::string packet_text(const Packet& packet) {
  if (auto spec = in_words(packet)) return TextWriter(*spec).run();
  std::string text = "frame " + hex_text(packet.bytes);
  if (!packet.interface.empty()) text += " on " + packet.interface;
  return text;
}

std::string packet_text(const PacketSpec& spec) {
  const auto frame = build_frame(spec);
  return packet_text(dissect(frame, spec.interface));
}

std::string packet_summary(const Packet& packet) {
  const std::string fault =
      packet.packet_class == XG_CLASS_OK
          ? std::string()
          : fmt::format(" malformed: {}", class_name(packet.packet_class));
  if (!packet.ethertype) return "ethernet" + fault;
  const PacketSpec usual;
  PacketSpec spec = spec_of(packet);
  const bool is_ip = family_of(spec).has_value();
  if (is_ip && !packet.src) {
    return ethertype_names().text(spec.ethertype) + fault;
  }
  spec.data.clear();
  spec.src_mac = usual.src_mac;
  spec.dst_mac = usual.dst_mac;
  spec.ttl = usual.ttl;
  spec.length = packet.length;
  const bool upper = (!has_ports(spec.protocol) || packet.src_port) &&
                     (spec.protocol != 6 || packet.tcp_flags) &&
                     (!is_icmp(spec) || packet.icmp_type);
  return TextWriter(spec, upper).run() + fault;
}

}  // namespace xdpgate
