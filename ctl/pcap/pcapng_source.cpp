// SPDX-License-Identifier: GPL-2.0-only
// pcapng, from its specification (IETF draft-ietf-opsawg-pcapng). libpcap reads
// it too, but refuses files whose sections differ in byte order or whose
// interfaces differ in link type or snap length, as mergecap and dumpcap write
// them.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "pcap/pcapng_interface.h"
#include "pcap/record_source.h"

namespace xdpgate {
namespace {

enum BlockType : std::uint32_t {
  kInterface = 1,
  kOldPacket = 2,  // obsolete, still met in old files
  kSimplePacket = 3,
  kEnhancedPacket = 6,
  kSection = 0x0a0d0d0a,  // the same in both byte orders
};
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::size_t kHeaderBytes = 8;    // type, length
constexpr std::size_t kTrailerBytes = 4;   // the length again
constexpr std::size_t kSectionBytes = 12;  // versions, section length
constexpr unsigned kVersion = 1;
constexpr std::size_t kBlockMax = 16u << 20;  // as in libpcap

using Body = std::span<const std::uint8_t>;

std::string ends_inside_block() { return "the file ends inside a block"; }

// Where the parts of a packet block lie in its body.
struct PacketLayout {
  std::size_t time, captured, wire, data;
};
constexpr PacketLayout kPacket = {4, 12, 16, 20};

class PcapngSource final : public RecordSource {
 public:
  explicit PcapngSource(Stream stream) : stream_(std::move(stream)) {}

  // A file starts with a section; what does not is of another format.
  Found<void> begin() {
    auto more = read_block();
    if (!more) return std::unexpected(more.error());
    return begin_section();
  }

  Found<bool> next(Record& record) override {
    for (;;) {
      auto more = read_block();
      if (!more || !*more) return more;
      auto is_packet = take_block(record);
      if (!is_packet || *is_packet) return is_packet;
    }
  }

 private:
  // Whether `size` bytes came; false at the end of the file.
  Found<bool> read(std::uint8_t* to, std::size_t size) {
    const std::size_t got = std::fread(to, 1, size, stream_.get());
    if (got == size) return true;
    if (std::ferror(stream_.get()) != 0) {
      return std::unexpected(std::strerror(errno));
    }
    if (got == 0) return false;
    return std::unexpected(ends_inside_block());
  }

  // The next block into type_ and body_; false at the end of the file.
  Found<bool> read_block() {
    std::uint8_t head[kHeaderBytes];
    auto more = read(head, sizeof head);
    if (!more || !*more) return more;
    type_ = order_.u32(head);
    if (!begun_ && type_ != kSection) return std::unexpected(kUnknownFormat);
    begun_ = true;
    std::size_t have = 0;
    if (type_ == kSection) {
      auto known = read_byte_order();
      if (!known) return std::unexpected(known.error());
      have = sizeof kByteOrderMagic;
    }
    return read_rest(order_.u32(std::span(head).subspan(4)), have);
  }

  // A section's own length is in its own byte order, which follows it.
  Found<void> read_byte_order() {
    std::uint8_t magic[sizeof kByteOrderMagic];
    auto there = read(magic, sizeof magic);
    if (!there) return std::unexpected(there.error());
    if (!*there) return std::unexpected(ends_inside_block());
    for (bool big_endian : {false, true}) {
      order_ = SectionOrder(big_endian);
      if (order_.u32(magic) == kByteOrderMagic) return {};
    }
    return std::unexpected("a section has no byte-order magic");
  }

  // The body of a block of `length` bytes, of which the first `have` behind
  // the header were read.
  Found<bool> read_rest(std::uint32_t length, std::size_t have) {
    if (length < kHeaderBytes + have + kTrailerBytes || length % 4 != 0 ||
        length > kBlockMax) {
      return std::unexpected(
          fmt::format("a block says it has {} bytes", length));
    }
    body_.resize(length - kHeaderBytes - have);
    auto whole = read(body_.data(), body_.size());
    if (!whole) return whole;
    if (!*whole) return std::unexpected(ends_inside_block());
    if (order_.u32(Body(body_).last(kTrailerBytes)) != length) {
      return std::unexpected("the two lengths of a block differ");
    }
    body_.resize(body_.size() - kTrailerBytes);
    return true;
  }

  // Whether the block was a packet.
  Found<bool> take_block(Record& record) {
    switch (type_) {
      case kSection: {
        auto begun = begin_section();
        if (!begun) return std::unexpected(begun.error());
        return false;
      }
      case kInterface:
        return add_interface();
      case kEnhancedPacket:
      case kOldPacket:
        return take_packet(record);
      case kSimplePacket:
        return take_simple_packet(record);
      default:
        return false;  // names, statistics, secrets, whatever comes
    }
  }

  Found<void> begin_section() {
    interfaces_.clear();
    if (body_.size() < kSectionBytes) {
      return std::unexpected("the block of a section is too short");
    }
    const unsigned version = order_.u16(body_);
    if (version == kVersion) return {};
    return std::unexpected(fmt::format("it is pcapng {}", version));
  }

  Found<bool> add_interface() {
    auto interface = read_interface(body_, order_);
    if (!interface) return std::unexpected(interface.error());
    interfaces_.push_back(*interface);
    return false;
  }

  Found<const PcapngInterface*> interface_of(std::size_t number) const {
    if (number < interfaces_.size()) return &interfaces_[number];
    return std::unexpected(
        fmt::format("it is of interface {}, which is not described", number));
  }

  // The two kinds differ only in how wide the interface's number is.
  Found<bool> take_packet(Record& record) {
    if (body_.size() < kPacket.data) {
      return std::unexpected("its block is too short");
    }
    const Body body(body_);
    auto interface =
        interface_of(type_ == kOldPacket ? order_.u16(body) : order_.u32(body));
    if (!interface) return std::unexpected(interface.error());
    const std::uint64_t ticks =
        std::uint64_t{order_.u32(body.subspan(kPacket.time))} << 32 |
        order_.u32(body.subspan(kPacket.time + 4));
    auto time = (*interface)->time_of(ticks);
    if (!time) return std::unexpected(time.error());
    record.time = *time;
    record.wire_bytes = order_.u32(body.subspan(kPacket.wire));
    return take_data(record, **interface, body.subspan(kPacket.data),
                     order_.u32(body.subspan(kPacket.captured)));
  }

  // Without a time, and snapped where the interface says so.
  Found<bool> take_simple_packet(Record& record) {
    if (body_.size() < 4) return std::unexpected("its block is too short");
    auto interface = interface_of(0);
    if (!interface) return std::unexpected(interface.error());
    record.time = {};
    record.wire_bytes = order_.u32(body_);
    const std::uint32_t snap = (*interface)->snap_length;
    return take_data(
        record, **interface, Body(body_).subspan(4),
        snap == 0 ? record.wire_bytes : std::min(snap, record.wire_bytes));
  }

  static Found<bool> take_data(Record& record, const PcapngInterface& interface,
                               Body data, std::uint32_t captured) {
    if (captured > data.size()) {
      return std::unexpected("it is longer than its block");
    }
    record.link_type = interface.link_type;
    record.captured = data.first(captured);
    return true;
  }

  Stream stream_;
  bool begun_ = false;
  SectionOrder order_;
  std::vector<PcapngInterface> interfaces_;  // of the section
  std::uint32_t type_ = 0;                   // of the block
  std::vector<std::uint8_t> body_;
};

}  // namespace

Found<std::unique_ptr<RecordSource>> open_pcapng(Stream stream) {
  auto source = std::make_unique<PcapngSource>(std::move(stream));
  auto begun = source->begin();
  if (!begun) return std::unexpected(begun.error());
  return source;
}

}  // namespace xdpgate
