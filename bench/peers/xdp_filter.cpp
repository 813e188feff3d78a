// SPDX-License-Identifier: GPL-2.0-only
#include "bench/peers/xdp_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>

namespace xdpgate::peers {
namespace {

constexpr std::uint64_t kDenySource = 1;  // MAP_FLAG_SRC of xdp-filter

// Its maps ask to be pinned in xdp-filter's own folder: not ours.
void unpin_maps(bpf_object* object) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, nullptr);
}

Result<void> deny(bpf_object* object,
                  const std::vector<std::uint32_t>& addresses) {
  bpf_map* map = bpf_object__find_map_by_name(object, "filter_ipv4");
  if (!map) return failure({"fill", "xdp-filter", "no map filter_ipv4", ""});
  // One value a CPU: a count above the flags.
  const std::vector<std::uint64_t> values(
      static_cast<std::size_t>(libbpf_num_possible_cpus()), kDenySource);
  for (const std::uint32_t address : addresses) {
    if (bpf_map_update_elem(bpf_map__fd(map), &address, values.data(),
                            BPF_ANY) != 0) {
      return failure(system_error("fill", "xdp-filter's addresses", errno));
    }
  }
  return {};
}

}  // namespace

void XdpFilter::Close::operator()(bpf_object* object) const {
  bpf_object__close(object);
}

Result<XdpFilter> XdpFilter::load(
    const std::string& object, const std::vector<std::uint32_t>& addresses) {
  XdpFilter made;
  made.object_.reset(bpf_object__open_file(object.c_str(), nullptr));
  if (!made.object_) return failure(system_error("open", object, errno));
  unpin_maps(made.object_.get());
  if (int error = bpf_object__load(made.object_.get())) {
    return failure(system_error("load", object, -error));
  }
  auto denied = deny(made.object_.get(), addresses);
  if (!denied) return failure(denied.error());
  return made;
}

int XdpFilter::fd() const {
  return bpf_program__fd(bpf_object__next_program(object_.get(), nullptr));
}

std::uint64_t XdpFilter::passed() const {
  struct Record {
    std::uint64_t packets, bytes;
  };
  bpf_map* map = bpf_object__find_map_by_name(object_.get(), "xdp_stats_map");
  std::vector<Record> records(
      static_cast<std::size_t>(libbpf_num_possible_cpus()));
  const std::uint32_t action = XDP_PASS;
  if (!map || bpf_map_lookup_elem(bpf_map__fd(map), &action, records.data())) {
    return 0;
  }
  std::uint64_t sum = 0;
  for (const Record& record : records) sum += record.packets;
  return sum;
}

}  // namespace xdpgate::peers
