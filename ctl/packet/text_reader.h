// SPDX-License-Identifier: GPL-2.0-only
// Reads one packet text, word by word; parse_packet_text() is the way in.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "packet/packet_spec.h"
#include "packet/packet_words.h"

namespace xdpgate {

class TextReader {
 public:
  explicit TextReader(std::string_view text) : words_(packet_words(text)) {}

  [[nodiscard]] Parsed<PacketSpec> run();

 private:
  using Done = std::expected<void, Complaint>;
  using Reader = Done (TextReader::*)(std::string_view value);
  enum Needs { kAny, kIpPacket, kIcmpPacket, kTcpPacket };
  struct Word {
    std::string_view name;
    std::string_view what;  ///< that follows it; empty: nothing does
    Needs needs;
    Reader read;
    bool repeats = false;
  };
  static std::span<const Word> words();

  // What the packet is: text_reader.cpp.
  Parsed<std::string_view> next(std::string_view what);
  Done read_head();
  Done read_frame();
  Done read_ethertype();
  Done set_ethertype(std::uint16_t type);
  Done read_ends(std::string_view head, std::optional<Family> family);
  Parsed<End> read_end();
  [[nodiscard]] bool is_ip() const { return family_of(spec_).has_value(); }
  [[nodiscard]] bool is_tcp() const { return is_ip() && spec_.protocol == 6; }
  [[nodiscard]] bool is_icmp_packet() const;

  // Whether the whole makes sense: text_reader.cpp.
  Done settle();
  Done settle_protocol();
  Done settle_ports();
  Done check_length();
  Done check_patches();

  // The words behind: text_reader_words.cpp.
  Done read_word();
  Done read_bare(std::string_view word);
  Done unknown_word(std::string_view word) const;
  Done check_needs(const Word& word) const;
  bool seen(std::string_view name);
  [[nodiscard]] const NameTable& type_names() const;
  Done read_proto(std::string_view value);
  Done read_vlan(std::string_view value);
  Done read_ttl(std::string_view value);
  Done read_dscp(std::string_view value);
  Done read_ecn(std::string_view value);
  Done read_len(std::string_view value);
  Done read_frag(std::string_view value);
  Done read_opts(std::string_view value);
  Done read_flags(std::string_view value);
  Done read_type(std::string_view value);
  Done read_code(std::string_view value);
  Done read_smac(std::string_view value);
  Done read_dmac(std::string_view value);
  Done read_data(std::string_view value);
  Done read_at(std::string_view value);
  Done read_on(std::string_view value);

  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
  PacketSpec spec_;
  bool proto_follows_ = false;  ///< `ip` needs a `proto`
  bool whole_frame_ = false;
  std::optional<std::uint16_t> src_port_, dst_port_, flags_;
  std::vector<std::string_view> seen_;
};

}  // namespace xdpgate
