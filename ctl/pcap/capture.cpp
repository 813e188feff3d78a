// SPDX-License-Identifier: GPL-2.0-only
#include "pcap/capture.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/text_file.h"
#include "pcap/link_type.h"
#include "pcap/record_source.h"

namespace xdpgate {
namespace {

struct PcapClose {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
struct DumperClose {
  void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapClose>;
using DumperHandle = std::unique_ptr<pcap_dumper_t, DumperClose>;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr const char* kFormats = "pcap and pcapng files are read";
constexpr const char* kFiles = "a capture is a file, or - for standard input";
constexpr const char* kLinkTypes =
    "Ethernet, raw IP and Linux cooked captures are read";

std::string unreadable(int dlt) {
  const char* name = pcap_datalink_val_to_name(dlt);
  return "its link type is " +
         (name ? fmt::format("{} ({})", name, dlt) : std::to_string(dlt));
}

// What it says of a file that is none of its own; the word is ours.
std::string cause_of(const std::string& message) {
  return message == "unknown file format" ? kUnknownFormat : message;
}

// libpcap begins some messages with the path, which the Error has already.
std::string without(const std::string& message, const std::string& path) {
  const std::string prefix = path + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

Result<Stream> open_stream(const std::string& path) {
  if (path == "-") return Stream(stdin);
  Stream stream(std::fopen(path.c_str(), "rbe"));
  if (stream) return stream;
  return failure(system_error("read", path, errno, kFiles));
}

// The format shows in the first byte.
Result<std::unique_ptr<RecordSource>> open_source(const std::string& path) {
  auto stream = open_stream(path);
  if (!stream) return std::unexpected(stream.error());
  errno = 0;
  const int first = std::getc(stream->get());
  if (first == EOF) {
    if (errno != 0) return failure(system_error("read", path, errno, kFiles));
    return failure({"read", path, "it is empty", kFormats});
  }
  std::ungetc(first, stream->get());
  auto source = first == kPcapngFirstByte ? open_pcapng(std::move(*stream))
                                          : open_pcap(std::move(*stream));
  if (source) return std::move(*source);
  return failure({"read", path, cause_of(source.error()), kFormats});
}

}  // namespace

struct CaptureReader::Impl {
  std::string path;
  std::unique_ptr<RecordSource> source;
  std::uint64_t frames = 0;

  /// All of `frame` but its number.
  Result<void> fill(Frame& frame, const Record& record) const;
  [[nodiscard]] Error damaged(
      std::string cause,
      std::string hint = "the frames before it are sound") const {
    return {"read", fmt::format("frame {} of {}", frames + 1, path),
            std::move(cause), std::move(hint)};
  }
};

CaptureReader::CaptureReader(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

Result<CaptureReader> CaptureReader::open(const std::string& path) {
  auto source = open_source(path);
  if (!source) return std::unexpected(source.error());
  const auto shared = (*source)->link_type();
  if (shared && !is_readable(*shared)) {
    return failure({"read", path, unreadable(*shared), kLinkTypes});
  }
  auto impl = std::make_unique<Impl>();
  impl->path = path == "-" ? "standard input" : path;
  impl->source = std::move(*source);
  return CaptureReader(std::move(impl));
}

Result<void> CaptureReader::Impl::fill(Frame& frame,
                                       const Record& record) const {
  if (!is_readable(record.link_type)) {
    return failure(damaged(unreadable(record.link_type), kLinkTypes));
  }
  const auto captured = static_cast<std::uint32_t>(record.captured.size());
  const std::uint32_t wire = std::max(record.wire_bytes, captured);
  if (wire > kMaxFrameBytes) {
    return failure(damaged(fmt::format("it claims {} bytes", wire)));
  }
  auto rest = record.captured;
  frame.bytes.clear();
  if (record.link_type != DLT_EN10MB) {
    const auto other = recast(record.link_type, rest);
    if (!other) return failure(damaged("it ends inside its link header"));
    frame.bytes.assign(other->header.begin(), other->header.end());
    rest = rest.subspan(other->skipped);
  }
  frame.bytes.insert(frame.bytes.end(), rest.begin(), rest.end());
  frame.captured_bytes = static_cast<std::uint32_t>(frame.bytes.size());
  frame.bytes.resize(frame.bytes.size() + (wire - captured));
  frame.time = record.time;
  return {};
}

Result<bool> CaptureReader::next(Frame& frame) {
  Record record;
  auto more = impl_->source->next(record);
  if (!more) return failure(impl_->damaged(more.error()));
  if (!*more) return false;
  auto filled = impl_->fill(frame, record);
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
                    without(pcap_geterr(impl->handle.get()), path),
                    kWhereToWrite});
  }
  return CaptureWriter(std::move(impl));
}

Result<void> CaptureWriter::write(const Frame& frame) {
  const auto seconds = frame.time.count() / kNsPerSecond;
  if (frame.time.count() < 0 || seconds > 0xffff'ffff) {
    return failure({"write", impl_->path,
                    fmt::format("the time of frame {} is outside 1970-2106, "
                                "which is what a pcap file holds",
                                frame.number),
                    ""});
  }
  pcap_pkthdr record{};
  record.ts.tv_sec = seconds;
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
