// SPDX-License-Identifier: GPL-2.0-only
#include "pcap/capture.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "pcap/link_type.h"

namespace xdpgate {
namespace {

using std::chrono::nanoseconds;

struct PcapClose {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
struct DumperClose {
  void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapClose>;
using DumperHandle = std::unique_ptr<pcap_dumper_t, DumperClose>;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::string link_type_name(int dlt) {
  const char* name = pcap_datalink_val_to_name(dlt);
  return name ? fmt::format("{} ({})", name, dlt) : std::to_string(dlt);
}

// libpcap begins some messages with the path, which the Error has already.
std::string cause_of(const char* message, const std::string& path) {
  std::string cause = message;
  const std::string prefix = path + ": ";
  return cause.starts_with(prefix) ? cause.substr(prefix.size()) : cause;
}

}  // namespace

struct CaptureReader::Impl {
  std::string path;
  PcapHandle handle;
  int dlt = DLT_EN10MB;
  std::uint64_t frames = 0;

  /// All of `frame` but its number.
  Result<void> fill(Frame& frame, const pcap_pkthdr& record,
                    const std::uint8_t* data) const;
  [[nodiscard]] Error damaged(std::string cause) const {
    return {"read", fmt::format("frame {} of {}", frames + 1, path),
            std::move(cause), "the frames before it are sound"};
  }
};

CaptureReader::CaptureReader(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

Result<CaptureReader> CaptureReader::open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  char message[PCAP_ERRBUF_SIZE] = "";
  impl->handle.reset(pcap_open_offline_with_tstamp_precision(
      path.c_str(), PCAP_TSTAMP_PRECISION_NANO, message));
  if (!impl->handle) {
    return failure({"read", path, cause_of(message, path), ""});
  }
  impl->dlt = pcap_datalink(impl->handle.get());
  if (!is_readable(impl->dlt)) {
    return failure({"read", path,
                    fmt::format("its link type is {}",
                                link_type_name(impl->dlt)),
                    "Ethernet, raw IP and Linux cooked captures are read"});
  }
  return CaptureReader(std::move(impl));
}

Result<void> CaptureReader::Impl::fill(Frame& frame, const pcap_pkthdr& record,
                                       const std::uint8_t* data) const {
  const std::uint32_t wire = std::max(record.len, record.caplen);
  if (wire > kMaxFrameBytes) {
    return failure(damaged(fmt::format("it claims {} bytes", wire)));
  }
  std::span<const std::uint8_t> rest(data, record.caplen);
  frame.bytes.clear();
  if (dlt != DLT_EN10MB) {
    const auto other = recast(dlt, rest);
    if (!other) return failure(damaged("it ends inside its link header"));
    frame.bytes.assign(other->header.begin(), other->header.end());
    rest = rest.subspan(other->skipped);
  }
  frame.bytes.insert(frame.bytes.end(), rest.begin(), rest.end());
  frame.captured_bytes = static_cast<std::uint32_t>(frame.bytes.size());
  frame.bytes.resize(frame.bytes.size() + (wire - record.caplen));
  frame.time = std::chrono::seconds(record.ts.tv_sec) +
               nanoseconds(record.ts.tv_usec);  // precision is nanoseconds
  return {};
}

Result<bool> CaptureReader::next(Frame& frame) {
  pcap_pkthdr* record = nullptr;
  const u_char* data = nullptr;
  const int got = pcap_next_ex(impl_->handle.get(), &record, &data);
  if (got == PCAP_ERROR_BREAK) return false;
  if (got != 1) {
    const char* message = pcap_geterr(impl_->handle.get());
    return failure(impl_->damaged(cause_of(message, impl_->path)));
  }
  auto filled = impl_->fill(frame, *record, data);
  if (!filled) return failure(filled.error());
  frame.number = ++impl_->frames;
  return true;
}

struct CaptureWriter::Impl {
  std::string path;
  PcapHandle handle;
  DumperHandle dumper;
};

CaptureWriter::CaptureWriter(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
CaptureWriter::CaptureWriter(CaptureWriter&&) noexcept = default;
CaptureWriter& CaptureWriter::operator=(CaptureWriter&&) noexcept = default;
CaptureWriter::~CaptureWriter() = default;

Result<CaptureWriter> CaptureWriter::create(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->handle.reset(pcap_open_dead_with_tstamp_precision(
      DLT_EN10MB, kMaxFrameBytes, PCAP_TSTAMP_PRECISION_NANO));
  if (!impl->handle) {
    return failure(system_error("write", path, ENOMEM));
  }
  impl->dumper.reset(pcap_dump_open(impl->handle.get(), path.c_str()));
  if (!impl->dumper) {
    return failure({"write", path,
                    cause_of(pcap_geterr(impl->handle.get()), path), ""});
  }
  return CaptureWriter(std::move(impl));
}

Result<void> CaptureWriter::write(const Frame& frame) {
  pcap_pkthdr record{};
  record.ts.tv_sec = frame.time.count() / kNsPerSecond;
  record.ts.tv_usec = frame.time.count() % kNsPerSecond;
  record.caplen = frame.captured_bytes;
  record.len = static_cast<bpf_u_int32>(frame.bytes.size());
  errno = 0;
  pcap_dump(reinterpret_cast<u_char*>(impl_->dumper.get()), &record,
            frame.bytes.data());
  if (std::ferror(pcap_dump_file(impl_->dumper.get())) != 0) {
    return failure(system_error("write", impl_->path, errno));
  }
  return {};
}

Result<void> CaptureWriter::close() {
  if (!impl_->dumper) return {};
  const bool flushed = pcap_dump_flush(impl_->dumper.get()) == 0;
  const int error = errno;
  impl_->dumper.reset();
  if (!flushed) return failure(system_error("write", impl_->path, error));
  return {};
}

}  // namespace xdpgate
