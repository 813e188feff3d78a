// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/live_counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>

namespace xdpgate {
namespace {

/// Room for one element: a chunk a CPU, of zeros.
Result<std::vector<xg_chunk>> make_element() {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return failure(system_error("count", "the CPUs", -cpus));
  return std::vector<xg_chunk>(static_cast<std::size_t>(cpus));
}

/// Adds the slots of one element, `per_cpu` (one chunk a CPU), to `sums`.
void add_chunk(const std::vector<xg_chunk>& per_cpu,
               std::span<xg_counter> sums) {
  for (const xg_chunk& chunk : per_cpu) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].packets += chunk.slot[i].packets;
      sums[i].bytes += chunk.slot[i].bytes;
    }
  }
}

}  // namespace

Result<std::vector<xg_counter>> read_live_counters(int fd, std::size_t slots) {
  auto per_cpu = make_element();
  if (!per_cpu) return failure(per_cpu.error());
  std::vector<xg_counter> sums(slots);
  for (std::size_t first = 0; first < slots; first += XG_CHUNK) {
    const auto chunk = static_cast<std::uint32_t>(first / XG_CHUNK);
    if (bpf_map_lookup_elem(fd, &chunk, per_cpu->data()) != 0) {
      return failure(system_error("read", "the counters", errno));
    }
    const auto count = std::min<std::size_t>(XG_CHUNK, slots - first);
    add_chunk(*per_cpu, std::span(sums).subspan(first, count));
  }
  return sums;
}

Result<void> clear_live_counters(int fd, std::size_t slots) {
  const auto zeros = make_element();
  if (!zeros) return failure(zeros.error());
  for (std::size_t first = 0; first < slots; first += XG_CHUNK) {
    const auto chunk = static_cast<std::uint32_t>(first / XG_CHUNK);
    if (bpf_map_update_elem(fd, &chunk, zeros->data(), BPF_ANY) != 0) {
      return failure(system_error("clear", "the counters", errno));
    }
  }
  return {};
}

}  // namespace xdpgate
