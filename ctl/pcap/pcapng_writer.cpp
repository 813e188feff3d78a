// SPDX-License-Identifier: GPL-2.0-only
#include "pcap/pcapng_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/text_file.h"
#include "pcap/record_source.h"

namespace xdpgate {
namespace {

using Piece = std::span<const std::uint8_t>;

// Block types (draft-ietf-opsawg-pcapng, section 4) and options (3.5, 4.x).
constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kInterfaceStatistics = 5;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint16_t kLinkTypeEthernet = 1;
constexpr std::uint16_t kOptComment = 1;
constexpr std::uint16_t kShbApplication = 4;
constexpr std::uint16_t kIfName = 2;
constexpr std::uint16_t kIfResolution = 9;
constexpr std::uint8_t kNanoseconds = 9;  // 10^-9
constexpr std::uint16_t kEpbFlags = 2;
constexpr std::uint32_t kInbound = 1;
constexpr std::uint16_t kIsbReceived = 4;
constexpr std::uint16_t kIsbDropped = 5;

// One block under construction, in the host's byte order.
class Block {
 public:
  explicit Block(std::uint32_t type) {
    u32(type);
    u32(0);  // the length, known at the end
  }

  void u16(std::uint16_t value) { add(&value, sizeof(value)); }
  void u32(std::uint32_t value) { add(&value, sizeof(value)); }
  void u64(std::uint64_t value) { add(&value, sizeof(value)); }
  // Times are two words, the upper one first, in any byte order.
  void time(std::chrono::nanoseconds since_epoch) {
    const auto ns = static_cast<std::uint64_t>(since_epoch.count());
    u32(static_cast<std::uint32_t>(ns >> 32));
    u32(static_cast<std::uint32_t>(ns));
  }
  void padded(Piece bytes) {
    add(bytes.data(), bytes.size());
    while (bytes_.size() % 4 != 0) bytes_.push_back(0);
  }
  void option(std::uint16_t code, Piece value) {
    u16(code);
    u16(static_cast<std::uint16_t>(value.size()));
    padded(value);
    has_options_ = true;
  }
  void option(std::uint16_t code, std::string_view value) {
    constexpr std::size_t kLongest = 0xfffc;
    value = value.substr(0, kLongest);
    option(code, Piece(reinterpret_cast<const std::uint8_t*>(value.data()),
                       value.size()));
  }
  template <class Number>
  void number_option(std::uint16_t code, Number value) {
    option(code, Piece(reinterpret_cast<const std::uint8_t*>(&value),
                       sizeof(value)));
  }
  // The whole block, with its length at both ends.
  const std::vector<std::uint8_t>& finish() {
    if (has_options_) u32(0);  // the end of options
    const auto size = static_cast<std::uint32_t>(bytes_.size() + 4);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&size), sizeof(size),
                bytes_.begin() + 4);
    u32(size);
    return bytes_;
  }

 private:
  void add(const void* data, std::size_t size) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
  }

  std::vector<std::uint8_t> bytes_;
  bool has_options_ = false;
};

}  // namespace

struct PcapngWriter::Impl {
  std::string name;
  Stream owned;
  std::FILE* file = nullptr;  // owned, or standard output
  std::uint32_t interfaces = 0;
  std::chrono::nanoseconds last{};
  int error = 0;

  Result<void> failed() {
    error = errno;
    return failure(system_error("write", name, error));
  }
  Result<void> put(Block& block) {
    const auto& bytes = block.finish();
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) {
      return {};
    }
    return failed();
  }
};

PcapngWriter::PcapngWriter(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
PcapngWriter::PcapngWriter(PcapngWriter&&) noexcept = default;
PcapngWriter& PcapngWriter::operator=(PcapngWriter&&) noexcept = default;
PcapngWriter::~PcapngWriter() = default;

Result<PcapngWriter> PcapngWriter::create(const std::string& path,
                                          std::string_view application) {
  auto impl = std::make_unique<Impl>();
  impl->name = path == "-" ? "standard output" : path;
  if (path == "-") {
    impl->file = stdout;
  } else {
    impl->owned = Stream(std::fopen(path.c_str(), "wbe"));
    impl->file = impl->owned.get();
  }
  if (!impl->file) {
    return failure(system_error("write", path, errno, kWhereToWrite));
  }
  Block block(kSectionHeader);
  block.u32(kByteOrder);
  block.u16(1);  // version 1.0
  block.u16(0);
  block.u64(~std::uint64_t{0});  // of a length that is not known
  block.option(kShbApplication, application);
  auto put = impl->put(block);
  if (!put) return std::unexpected(put.error());
  return PcapngWriter(std::move(impl));
}

Result<std::uint32_t> PcapngWriter::add_interface(std::string_view name,
                                                  std::uint32_t snap_bytes) {
  Block block(kInterfaceDescription);
  block.u16(kLinkTypeEthernet);
  block.u16(0);
  block.u32(snap_bytes);
  block.option(kIfName, name);
  block.number_option(kIfResolution, kNanoseconds);
  auto put = impl_->put(block);
  if (!put) return std::unexpected(put.error());
  return impl_->interfaces++;
}

Result<void> PcapngWriter::write(const PcapngFrame& frame) {
  Block block(kEnhancedPacket);
  block.u32(frame.interface);
  block.time(frame.time);
  block.u32(static_cast<std::uint32_t>(frame.head.size()));
  block.u32(frame.wire_bytes);
  block.padded(frame.head);
  if (!frame.comment.empty()) block.option(kOptComment, frame.comment);
  block.number_option(kEpbFlags, kInbound);
  impl_->last = frame.time;
  return impl_->put(block);
}

Result<void> PcapngWriter::write_losses(std::uint64_t received,
                                        std::uint64_t lost) {
  if (impl_->interfaces == 0) return {};
  Block block(kInterfaceStatistics);
  block.u32(0);
  block.time(impl_->last);
  block.number_option(kIsbReceived, received);
  block.number_option(kIsbDropped, lost);
  return impl_->put(block);
}

Result<void> PcapngWriter::flush() {
  return std::fflush(impl_->file) == 0 ? Result<void>{} : impl_->failed();
}

bool PcapngWriter::reader_is_gone() const { return impl_->error == EPIPE; }

}  // namespace xdpgate
