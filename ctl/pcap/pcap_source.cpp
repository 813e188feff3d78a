// SPDX-License-Identifier: GPL-2.0-only
// The classic capture format, as libpcap reads it.
#include <pcap/pcap.h>

#include <utility>

#include "pcap/record_source.h"

namespace xdpgate {
namespace {

struct PcapClose {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapClose>;

class PcapSource final : public RecordSource {
 public:
  explicit PcapSource(PcapHandle handle)
      : handle_(std::move(handle)), link_type_(pcap_datalink(handle_.get())) {}

  std::optional<int> link_type() const override { return link_type_; }

  Found<bool> next(Record& record) override {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int got = pcap_next_ex(handle_.get(), &header, &data);
    if (got == PCAP_ERROR_BREAK) return false;
    if (got != 1) return std::unexpected(pcap_geterr(handle_.get()));
    record.link_type = link_type_;
    record.wire_bytes = header->len;
    record.captured = {data, header->caplen};
    // Unsigned in the file, until 2106; libpcap takes it for signed.
    record.time =
        std::chrono::seconds(static_cast<std::uint32_t>(header->ts.tv_sec)) +
        std::chrono::nanoseconds(header->ts.tv_usec);
    return true;
  }

 private:
  PcapHandle handle_;  // in nanoseconds
  int link_type_;
};

}  // namespace

Found<std::unique_ptr<RecordSource>> open_pcap(Stream stream) {
  char message[PCAP_ERRBUF_SIZE] = "";
  PcapHandle handle(pcap_fopen_offline_with_tstamp_precision(
      stream.get(), PCAP_TSTAMP_PRECISION_NANO, message));
  if (!handle) return std::unexpected(message);
  (void)stream.release();  // pcap_close() closes it
  return std::make_unique<PcapSource>(std::move(handle));
}

}  // namespace xdpgate
