// SPDX-License-Identifier: GPL-2.0-only
// The reader of pcap and pcapng files, and the dissector over their frames.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pcap/capture.h"
#include "policy/packet.h"

namespace xdpgate::fuzz {
namespace {

// A file of `data` that has no place on a disk.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size)
      : fd_(::memfd_create("capture", MFD_CLOEXEC)) {
    if (fd_ < 0 || ::write(fd_, data, size) != static_cast<ssize_t>(size)) {
      std::abort();
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  [[nodiscard]] std::string path() const {
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  int fd_;
};

void read_all(const std::string& path) {
  auto reader = CaptureReader::open(path);
  if (!reader) return;
  Frame frame;
  for (auto more = reader->next(frame); more && *more;
       more = reader->next(frame)) {
    (void)dissect(frame.bytes, "eth0");
  }
}

}  // namespace
}  // namespace xdpgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return -1;
  const xdpgate::fuzz::MemoryFile file(data, size);
  xdpgate::fuzz::read_all(file.path());
  return 0;
}
