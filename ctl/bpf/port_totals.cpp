// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/port_totals.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <vector>

namespace xdpgate {
namespace {

Result<std::vector<xg_port>> one_a_cpu() {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return failure(system_error("count", "the CPUs", -cpus));
  return std::vector<xg_port>(static_cast<std::size_t>(cpus));
}

}  // namespace

Result<Fd> make_ports() {
  Fd fd(bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "ports",
                       sizeof(std::uint32_t), sizeof(xg_port), XG_PORTS,
                       nullptr));
  if (!fd) return failure(system_error("make", "the interfaces' totals", errno));
  return fd;
}

Result<PortTotals> port_totals(int ports_fd, std::uint32_t ifindex) {
  auto per_cpu = one_a_cpu();
  if (!per_cpu) return std::unexpected(per_cpu.error());
  const std::uint32_t number = ifindex % XG_PORTS;
  if (bpf_map_lookup_elem(ports_fd, &number, per_cpu->data()) != 0) {
    return failure(system_error("read", "the interfaces' totals", errno));
  }
  PortTotals sums{};
  for (const xg_port& port : *per_cpu) {
    for (std::size_t v = 0; v < sums.size(); ++v) {
      sums[v].packets += port.verdict[v].packets;
      sums[v].bytes += port.verdict[v].bytes;
    }
  }
  return sums;
}

Result<void> clear_port(int ports_fd, std::uint32_t ifindex) {
  const auto zeros = one_a_cpu();
  if (!zeros) return std::unexpected(zeros.error());
  const std::uint32_t number = ifindex % XG_PORTS;
  if (bpf_map_update_elem(ports_fd, &number, zeros->data(), BPF_ANY) == 0) {
    return {};
  }
  return failure(system_error("clear", "the interfaces' totals", errno));
}

}  // namespace xdpgate
