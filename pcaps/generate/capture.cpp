// SPDX-License-Identifier: GPL-2.0-only
#include "pcaps/generate/capture.h"

#include <utility>

namespace xdpgate::pcaps {
namespace {

constexpr std::uint64_t kStartUs = 1'704'067'200'000'000;  // 2024-01-01 UTC

Bytes le16(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(n >> 8)};
}
Bytes le32(std::uint64_t n) {
  return le16(static_cast<std::uint32_t>(n & 0xffff)) +
         le16(static_cast<std::uint32_t>(n >> 16 & 0xffff));
}

void append_to(Bytes& file, const Bytes& more) {
  file.insert(file.end(), more.begin(), more.end());
}

// Blocks of pcapng end on four bytes and say their length twice:
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html.
Bytes aligned(Bytes bytes) {
  const std::size_t size = (bytes.size() + 3) / 4 * 4;
  return padded(std::move(bytes), size);
}

Bytes block(std::uint32_t type, const Bytes& body) {
  const Bytes length = le32(12 + body.size());
  return le32(type) + length + body + length;
}

Bytes option(std::uint16_t code, const Bytes& value) {
  return le16(code) + le16(static_cast<std::uint32_t>(value.size())) +
         aligned(value);
}

const Bytes kEndOfOptions = le32(0);

Bytes section_header() {
  return block(0x0a0d0d0a, le32(0x1a2b3c4d) + le16(1) + le16(0) +
                               Bytes(8, 0xff) +  // length not given
                               option(4, text("xg_pcaps")) + kEndOfOptions);
}

Bytes interface_description() {
  constexpr std::uint8_t kNanoseconds = 9;
  return block(1, le16(kEthernet) + le16(0) + le32(262144) +
                      option(2, text("eth0")) + option(9, {kNanoseconds}) +
                      kEndOfOptions);
}

Bytes enhanced_packet(const Record& record) {
  const std::uint64_t time_ns = record.time_us * 1000;
  const Bytes size = le32(record.frame.size());
  return block(6, le32(0) + le32(time_ns >> 32) + le32(time_ns & 0xffffffff) +
                      size + size + aligned(record.frame));
}

}  // namespace

void Capture::add(const Bytes& frame, std::uint64_t gap_us) {
  add_bare(padded(frame, kMinFrameBytes), gap_us);
}

void Capture::add_bare(const Bytes& frame, std::uint64_t gap_us) {
  const std::uint64_t last =
      records_.empty() ? kStartUs : records_.back().time_us;
  records_.push_back({last + gap_us, frame});
}

void Capture::send(const Path& path, const Bytes& packet,
                   std::uint64_t gap_us) {
  add(frame(path, packet), gap_us);
}

Bytes pcap_file(const Capture& capture, LinkType link, std::uint32_t snap) {
  Bytes file = le32(0xa1b2c3d4) + le16(2) + le16(4) + le32(0) + le32(0) +
               le32(snap) + le32(link);
  for (const Record& record : capture.records()) {
    const Bytes kept = cut(record.frame, snap);
    append_to(file, le32(record.time_us / 1'000'000) +
                        le32(record.time_us % 1'000'000) + le32(kept.size()) +
                        le32(record.frame.size()));
    append_to(file, kept);
  }
  return file;
}

Bytes pcapng_file(const Capture& capture) {
  Bytes file = section_header() + interface_description();
  for (const Record& record : capture.records()) {
    append_to(file, enhanced_packet(record));
  }
  return file;
}

}  // namespace xdpgate::pcaps
