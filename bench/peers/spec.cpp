// SPDX-License-Identifier: GPL-2.0-only
#include "bench/peers/spec.h"

#include <arpa/inet.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "pcap/capture.h"

namespace xdpgate::peers {

Result<Json> read_spec(const std::string& path) {
  std::ifstream in(path);
  Json spec = Json::parse(in, nullptr, false);
  if (spec.is_discarded()) return failure({"read", path, "no JSON", ""});
  return spec;
}

Result<Frames> read_frames(const std::string& path) {
  auto reader = CaptureReader::open(path);
  if (!reader) return failure(reader.error());
  Frames frames;
  for (Frame frame;;) {
    auto more = reader->next(frame);
    if (!more) return failure(more.error());
    if (!*more) return frames;
    frames.push_back(frame.bytes);
  }
}

Result<std::vector<std::uint32_t>> read_addresses(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::uint32_t> addresses;
  for (std::string line; std::getline(in, line);) {
    in_addr address{};
    if (::inet_pton(AF_INET, line.c_str(), &address) != 1) {
      return failure({"read", path, "no address: " + line, ""});
    }
    addresses.push_back(address.s_addr);
  }
  return addresses;
}

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(share * last + 0.5)];
}

void keep_to_one_cpu() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN) - 1), &cpus);
  ::sched_setaffinity(0, sizeof(cpus), &cpus);
  ::setpriority(PRIO_PROCESS, 0, -20);
}

}  // namespace xdpgate::peers
